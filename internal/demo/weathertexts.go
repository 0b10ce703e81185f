package demo

// weatherTexts is what the page of the weather says. All fields are set.
type weatherTexts struct {
	Title, Lead         string
	Now, NowFair, Comma string
	FairAgain, On, Done string
	SwitchOn, SwitchOff string
	DoNow               string
	Regions             map[string]string // where weather comes from, by key
	Kinds               map[string]kindTexts
}

// kindTexts says of one kind of weather what it stands for, and what the app
// should do in it.
type kindTexts struct{ Name, Means, Expect string }

func englishWeather() weatherTexts {
	return weatherTexts{
		Title: "Weather", Lead: "Switch on what can go wrong at Microsoft 365, then see in the app what it does about it. It counts from the next click on, until you switch it off.",
		Now: "Now:", NowFair: "Now: fair", Comma: ", ", FairAgain: "Fair again", On: "On", Done: "Done",
		SwitchOn: "Switch on", SwitchOff: "Switch off", DoNow: "Do it now",
		Regions: map[string]string{"graph": "Microsoft Graph", "retry": "Throttled, and how Microsoft 365 says so", "sign-in": "Signing in", "rule": "The organisation’s rule"},
		Kinds: map[string]kindTexts{
			"hesitant": {"Throttled for 3 seconds", "Microsoft 365 is busy and takes a photo only from whoever comes back after 3 seconds (429).",
				"The app waits and then saves, without asking you to do anything."},
			"throttled": {"Throttled for a minute", "Microsoft 365 is very busy and answers every request about photos with “come back in a minute” (429).",
				"The app says so and when to try again, and keeps the picture that you chose."},
			"four-per-app": {"Four at once for everybody", "Microsoft 365 works at four requests about photos at a time, whosever they are, and refuses more (429).",
				"The app keeps to that by itself: everything works, only more slowly where many people come at once."},
			"four-per-mailbox": {"Four at once for each mailbox", "Microsoft 365 works at four requests for one mailbox at a time, and refuses more (429).",
				"The app notices nothing, since it changes a photo once at a time."},
			"overloaded": {"Outage (out of service)", "Microsoft 365 can be reached but serves nobody (503).",
				"The app tries for a few seconds, then says so and lets you try again."},
			"down": {"Outage (no connection)", "Microsoft 365 can’t be reached: every connection breaks off.",
				"The app still opens, says so, and never claims that a photo was saved."},
			"slow": {"Slow (4 seconds)", "Every answer of Microsoft 365 takes 4 seconds.",
				"The app says what it is waiting for, then shows or saves the photo as always."},
			"very-slow": {"Slow (10 seconds)", "Every answer of Microsoft 365 takes 10 seconds.",
				"The app stays usable and sends a photo once, however often you press Save."},
			"lost-answer": {"The answer gets lost", "Microsoft 365 changes the photo, then the connection breaks off before anybody hears of it.",
				"The app looks whether the photo has arrived, says that it is saved, and sends it once."},
			"lost-change": {"The photo gets lost", "The connection breaks off once the photo has been sent, and Microsoft 365 doesn’t have it.",
				"The app doesn’t claim that it is saved. It looks again, and after half a minute sends the photo once more."},
			"stale": {"Stale reads (30 seconds)", "For 30 seconds after a change, Microsoft 365 still hands out the old photo.",
				"The app shows the new photo and says that it takes a while to appear everywhere."},
			"trickling": {"Photos trickle", "Microsoft 365 sends photos at 2,000 bytes a second.",
				"The app’s pages open all the same, and show initials where a photo takes too long."},
			"truncated": {"Photos break off", "Microsoft 365 sends half of each photo, then the connection breaks off.",
				"The app shows no half photos, and doesn’t keep them either."},
			"retry-decimals": {"In 2.5 seconds", "The first try to save is answered “come back in 2.5 seconds” (429, decimals), the second is taken.",
				"The app waits for exactly that long, then saves."},
			"retry-date": {"At a time of day", "The first try to save is answered with the time at which to come back, 3 seconds from now (429, a date).",
				"The app waits until then, also if its clock is wrong, then saves."},
			"retry-past": {"An hour ago", "The first try to save is answered with a time that is over (429).",
				"The app waits for a second or two of its own accord, then saves."},
			"retry-zero": {"In 0 seconds", "The first try to save is answered “come back in 0 seconds” (429).",
				"The app waits for a second or two of its own accord, then saves."},
			"retry-negative": {"In −1 seconds", "The first try to save is answered “come back in −1 seconds” (429).",
				"The app waits for a second or two of its own accord, then saves."},
			"retry-absurd": {"In 32 years", "The first try to save is answered “come back in 1,000,000,000 seconds” (429).",
				"The app keeps the picture, says so, and tries again after ten minutes."},
			"retry-garbage": {"Soon", "The first try to save is answered “come back soon” (429, no number).",
				"The app waits for a second or two of its own accord, then saves."},
			"retry-unsaid": {"Without a word", "The first try to save is answered with 429 and nothing about when to come back.",
				"The app waits for a second or two of its own accord, then saves."},
			"proxied": {"A proxy in between", "A proxy answers in the place of Microsoft 365, with a web page of its own (200, HTML).",
				"The app doesn’t take this for a success, and says that it can’t read the answer."},
			"provider-down": {"Sign-in is down", "The sign-in page and everything behind it can’t be reached.",
				"The app goes on for those who are signed in, and asks everybody else to try again later."},
			"revoked": {"Signed out everywhere", "An administrator has revoked all tokens, and the app doesn’t know yet.",
				"The app asks you to sign in again, and brings you back to where you were."},
			"challenged": {"Claims challenge", "The organisation wants everybody who is signed in to prove again who they are.",
				"The app has you sign in once, with what Microsoft 365 asked for, and brings you back to where you were."},
			"roles-only": {"Certain roles only", "The organisation lets only those change photos who hold a certain role, and nobody here does.",
				"The app says that the organisation has decided so, and doesn’t offer to try again; the helpdesk may notice up to ten minutes later."},
			"on-premises": {"Photos from on-premises", "The organisation looks after photos on its own servers, so nobody may change them here.",
				"The app says that the organisation has decided so, and doesn’t offer to try again; the helpdesk may notice up to ten minutes later."},
		},
	}
}

func chineseWeather() weatherTexts {
	return weatherTexts{
		Title: "天气", Lead: "在这里开启 Microsoft 365 可能出现的状况，再到应用中看看它如何应对。开启后从下一次操作起生效，直到您将其关闭。",
		Now: "当前：", NowFair: "当前：晴", Comma: "、", FairAgain: "恢复晴天", On: "已开启", Done: "已执行",
		SwitchOn: "开启", SwitchOff: "关闭", DoNow: "立即执行",
		Regions: map[string]string{"graph": "Microsoft Graph", "retry": "限流的各种说法", "sign-in": "登录", "rule": "组织的规定"},
		Kinds: map[string]kindTexts{
			"hesitant":         {"限流 3 秒", "Microsoft 365 正忙，3 秒后再来才会接收照片（429）。", "应用会自行等待，然后保存，无需您做任何事。"},
			"throttled":        {"限流一分钟", "Microsoft 365 非常繁忙，对所有照片请求都回答“请一分钟后再来”（429）。", "应用会说明情况和可以重试的时间，并保留您选择的图片。"},
			"overloaded":       {"中断（停止服务）", "可以连接到 Microsoft 365，但它不为任何人提供服务（503）。", "应用会尝试几秒钟，然后说明情况，并让您可以重试。"},
			"down":             {"中断（无法连接）", "无法连接到 Microsoft 365：所有连接都会断开。", "应用仍能打开，会说明情况，绝不会谎称照片已保存。"},
			"slow":             {"缓慢（4 秒）", "Microsoft 365 的每个回答都需要 4 秒。", "应用会说明正在等待什么，然后照常显示或保存照片。"},
			"very-slow":        {"缓慢（10 秒）", "Microsoft 365 的每个回答都需要 10 秒。", "应用仍可使用；无论您按多少次“保存”，照片都只发送一次。"},
			"lost-answer":      {"回答丢失", "Microsoft 365 更改了照片，但连接在任何人得知之前断开。", "应用会查看照片是否已到达，说明已保存，并且只发送一次。"},
			"lost-change":      {"照片丢失", "照片发出后连接断开，Microsoft 365 没有收到。", "应用不会谎称已保存。它会再次查看，半分钟后重新发送一次。"},
			"trickling":        {"照片缓慢流出", "Microsoft 365 以每秒 2,000 字节的速度发送照片。", "应用的页面仍能打开，照片过慢时显示姓名首字母。"},
			"truncated":        {"照片中断", "Microsoft 365 只发送每张照片的一半，然后断开连接。", "应用不会显示也不会保留残缺的照片。"},
			"retry-decimals":   {"2.5 秒后", "第一次保存得到的回答是“请 2.5 秒后再来”（429，小数），第二次会被接收。", "应用会正好等待这么久，然后保存。"},
			"retry-date":       {"指定时刻", "第一次保存得到的回答是三秒后的一个时刻（429，日期）。", "应用会等到那时再保存，即使它自己的时钟不准。"},
			"retry-past":       {"一小时前", "第一次保存得到的回答是一个已经过去的时刻（429）。", "应用会自行等待一两秒，然后保存。"},
			"retry-zero":       {"0 秒后", "第一次保存得到的回答是“请 0 秒后再来”（429）。", "应用会自行等待一两秒，然后保存。"},
			"retry-negative":   {"−1 秒后", "第一次保存得到的回答是“请 −1 秒后再来”（429）。", "应用会自行等待一两秒，然后保存。"},
			"retry-absurd":     {"32 年后", "第一次保存得到的回答是“请 1,000,000,000 秒后再来”（429）。", "应用会保留图片并加以说明，十分钟后再试。"},
			"retry-garbage":    {"很快", "第一次保存得到的回答是“请很快再来”（429，不是数字）。", "应用会自行等待一两秒，然后保存。"},
			"retry-unsaid":     {"只字不提", "第一次保存得到 429，但没有说明何时再来。", "应用会自行等待一两秒，然后保存。"},
			"stale":            {"读取滞后（30 秒）", "更改后的 30 秒内，Microsoft 365 给出的仍是旧照片。", "应用会显示新照片，并说明它要过一会儿才会在各处出现。"},
			"proxied":          {"中间有代理", "代理服务器代替 Microsoft 365 作答，返回的是它自己的网页（200，HTML）。", "应用不会误以为成功，而会说明无法读取回答。"},
			"provider-down":    {"登录服务中断", "登录页面及其背后的服务都无法连接。", "已登录的人可以继续使用，其他人会被告知稍后再试。"},
			"revoked":          {"在所有位置退出登录", "管理员已吊销所有令牌，而应用尚不知情。", "应用会请您重新登录，然后带您回到原来的位置。"},
			"challenged":       {"声明质询", "组织要求所有已登录的人再次证明自己的身份。", "应用会按照 Microsoft 365 的要求让您登录一次，然后带您回到原来的位置。"},
			"roles-only":       {"仅限特定角色", "组织只允许担任特定角色的人更改照片，而这里没有人担任该角色。", "应用会说明这是组织的决定，且不会建议重试；服务台最多可能晚十分钟得知。"},
			"on-premises":      {"照片来自本地", "组织在自己的服务器上管理照片，因此任何人都不能在此更改。", "应用会说明这是组织的决定，且不会建议重试；服务台最多可能晚十分钟得知。"},
			"four-per-app":     {"所有人同时四个请求", "Microsoft 365 同一时间只处理四个照片请求，不论是谁的，其余的会被拒绝（429）。", "应用会自行遵守：一切照常，只是很多人同时使用时会慢一些。"},
			"four-per-mailbox": {"每个邮箱同时四个请求", "Microsoft 365 对每个邮箱同一时间只处理四个请求，其余的会被拒绝（429）。", "应用不受影响，因为同一张照片同一时间只更改一次。"},
		},
	}
}
