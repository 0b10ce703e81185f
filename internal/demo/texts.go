package demo

import (
	"net/http"

	"golang.org/x/text/language"
)

// texts is what the tenant's own pages say in one language. All fields are set.
type texts struct {
	Lang string

	LoginTitle, LoginLead, Cancel, Suggested                  string
	ExpiredTitle, ExpiredText                                 string
	SignedOutTitle, SignedOutText, ToApp                      string
	HomeTitle, HomeLead, People, Groups, Samples, SamplesLead string
	Reset, ResetLead, ToSamples, ToHome, Download             string
	Credit, ToWeather                                         string

	ConsentTitle, ConsentLead, Accept, Decline string
	ApprovalTitle, ApprovalLead, BackToApp     string

	Permissions map[string]string // what each permission lets the app do
	Personas    map[string]string // what each persona stands for, by key
	Sample      map[string]string // what each sample shows, by name
	Weather     weatherTexts
}

// textsFor returns the texts in the language that the browser prefers.
func textsFor(r *http.Request) texts {
	// The first is what everybody else gets.
	offered := language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese})
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return english()
	}
	if _, i, _ := offered.Match(wanted...); i == 1 {
		return chinese()
	}
	return english()
}

func english() texts {
	return texts{
		Lang:       "en",
		LoginTitle: "Who would you like to be?", LoginLead: "Choose a person to sign in as. No password is needed: this tenant is made up.",
		Cancel: "Cancel", Suggested: "Suggested",
		ExpiredTitle: "This sign-in has run out", ExpiredText: "It was left open for too long, or was finished in another tab. Please start again from the app.",
		SignedOutTitle: "You are signed out", SignedOutText: "You can close this tab, or go back to the app.", ToApp: "Go to the app",
		HomeTitle: "A tenant in a box", HomeLead: "This page stands for Microsoft 365: these people and their photos live here, and what you save in the app arrives here.",
		People: "People", Groups: "Groups and teams", Samples: "Pictures to try", SamplesLead: "Download one, or drag it into the app. All but the astronaut are drawn.",
		Reset: "Start over", ResetLead: "Puts every photo back as it was and signs everybody out.",
		ToSamples: "Pictures to try", ToHome: "The tenant", Download: "Download", ToWeather: "Weather",
		Credit:       "Photo: NASA, Eileen Collins, public domain",
		ConsentTitle: "Permissions requested", ConsentLead: "The app would like to do more for you:",
		Accept: "Accept", Decline: "Cancel",
		ApprovalTitle: "Approval required", ApprovalLead: "The app needs permissions that only an administrator of your organisation can give:",
		BackToApp: "Back to the app without giving permission",
		Permissions: map[string]string{
			"User.ReadBasic.All": "Read everybody’s basic profile", "User.Read.All": "Read everybody’s full profile",
			"User.ReadWrite.All": "Read and change everybody’s profile", "Directory.Read.All": "Read the directory",
			"ProfilePhoto.Read.All": "See all photos", "ProfilePhoto.ReadWrite.All": "See and change the photos of people and groups",
			"Group.Read.All": "Read the groups that you can see", "Group.ReadWrite.All": "Read and change the groups that you can change",
			"GroupMember.Read.All": "Read groups and who belongs to them", "Team.ReadBasic.All": "Read the names of teams",
			"TeamSettings.Read.All": "Read the settings of teams", "TeamSettings.ReadWrite.All": "Read and change the settings of teams",
			"PeopleSettings.Read.All": "Read the organisation’s rules about profiles", "Contacts.Read": "Read your contacts",
			"Contacts.ReadWrite": "Read and change your contacts", "Contacts.Read.Shared": "Read your contacts and those shared with you",
			"Contacts.ReadWrite.Shared": "Read and change your contacts and those shared with you",
		},
		Personas: map[string]string{
			"owner": "Group owner – groups, teams, contacts, a shared mailbox", "helpdesk": "Helpdesk – changes other people’s photos",
			"employee": "Employee – the usual case", "no-photo": "Employee – has no photo yet", "no-mailbox": "Employee without a mailbox – small photos only",
			"guest": "Guest – can’t change a photo here", "personal": "Personal account – not a work account", "foreign": "From another organisation – not let in",
		},
		Sample: map[string]string{
			"sideways.jpg": "A phone photo, stored sideways, with the place it was taken", "large.jpg": "A large photo, 24 megapixels",
			"tiny.jpg": "A tiny picture", "transparent.png": "A picture with a transparent background", "logo.webp": "A WebP picture",
			"lakeside.heic": "A HEIC photo, as iPhones take them", "two.jpg": "Two people",
			"astronaut.png": "A portrait of an astronaut", "tiles.png": "Numbered tiles, to check the frame",
		},
		Weather: englishWeather(),
	}
}

func chinese() texts {
	return texts{
		Lang:       "zh-Hans",
		LoginTitle: "您想以谁的身份登录？", LoginLead: "选择一个人即可登录，无需密码：这个租户是虚构的。",
		Cancel: "取消", Suggested: "推荐",
		ExpiredTitle: "此次登录已过期", ExpiredText: "页面打开时间过长，或已在其他标签页中完成登录。请回到应用重新开始。",
		SignedOutTitle: "您已退出登录", SignedOutText: "您可以关闭此标签页，或返回应用。", ToApp: "前往应用",
		HomeTitle: "盒中租户", HomeLead: "此页面代表 Microsoft 365：这些人和他们的照片都在这里，您在应用中保存的照片也会送到这里。",
		People: "人员", Groups: "组和团队", Samples: "试用图片", SamplesLead: "下载一张，或直接拖入应用。除宇航员外均为绘制的图片。",
		Reset: "重新开始", ResetLead: "将所有照片恢复原状，并让所有人退出登录。",
		ToSamples: "试用图片", ToHome: "租户", Download: "下载", ToWeather: "天气",
		Credit:       "照片：NASA，艾琳·柯林斯，公有领域",
		ConsentTitle: "请求的权限", ConsentLead: "应用希望为您做更多的事：",
		Accept: "接受", Decline: "取消",
		ApprovalTitle: "需要批准", ApprovalLead: "应用需要以下权限，只有您组织的管理员才能授予：",
		BackToApp: "不授予权限，返回应用",
		Permissions: map[string]string{
			"User.ReadBasic.All": "读取所有人的基本资料", "User.Read.All": "读取所有人的完整资料",
			"User.ReadWrite.All": "读取和更改所有人的资料", "Directory.Read.All": "读取目录",
			"ProfilePhoto.Read.All": "查看所有照片", "ProfilePhoto.ReadWrite.All": "查看和更改人员与组的照片",
			"Group.Read.All": "读取您可以看到的组", "Group.ReadWrite.All": "读取和更改您有权更改的组",
			"GroupMember.Read.All": "读取组及其成员", "Team.ReadBasic.All": "读取团队名称",
			"TeamSettings.Read.All": "读取团队设置", "TeamSettings.ReadWrite.All": "读取和更改团队设置",
			"PeopleSettings.Read.All": "读取组织关于个人资料的规定", "Contacts.Read": "读取您的联系人",
			"Contacts.ReadWrite": "读取和更改您的联系人", "Contacts.Read.Shared": "读取您的联系人以及与您共享的联系人",
			"Contacts.ReadWrite.Shared": "读取和更改您的联系人以及与您共享的联系人",
		},
		Personas: map[string]string{
			"owner": "组所有者：组、团队、联系人、共享邮箱", "helpdesk": "服务台：更改他人的照片",
			"employee": "员工：最常见的情况", "no-photo": "员工：还没有照片", "no-mailbox": "没有邮箱的员工：只能使用较小的照片",
			"guest": "来宾：不能在此更改照片", "personal": "个人帐户：不是工作帐户", "foreign": "来自其他组织：无法进入",
		},
		Sample: map[string]string{
			"sideways.jpg": "手机照片，横向存储，带有拍摄地点", "large.jpg": "大照片，2400 万像素",
			"tiny.jpg": "很小的图片", "transparent.png": "背景透明的图片", "logo.webp": "WebP 图片",
			"lakeside.heic": "HEIC 照片，iPhone 拍摄的格式", "two.jpg": "两个人",
			"astronaut.png": "宇航员肖像", "tiles.png": "带编号的方格，用于核对取景",
		},
		Weather: chineseWeather(),
	}
}
