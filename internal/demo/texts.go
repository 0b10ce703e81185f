package demo

import (
	"net/http"

	"golang.org/x/text/language"
)

// texts is what the tenant's own pages say in one language. All fields are set.
type texts struct {
	Lang string

	LoginTitle, LoginLead, Cancel, Suggested          string
	ExpiredTitle, ExpiredText                         string
	SignedOutTitle, SignedOutText, ToApp              string
	HomeTitle, HomeLead, People, Samples, SamplesLead string
	Reset, ResetLead, ToSamples, ToHome, Download     string
	Credit                                            string

	Personas map[string]string // what each persona stands for, by key
	Sample   map[string]string // what each sample shows, by name
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
		People: "People", Samples: "Pictures to try", SamplesLead: "Download one, or drag it into the app. All but the astronaut are drawn.",
		Reset: "Start over", ResetLead: "Puts every photo back as it was and signs everybody out.",
		ToSamples: "Pictures to try", ToHome: "The tenant", Download: "Download",
		Credit: "Photo: NASA, Eileen Collins, public domain",
		Personas: map[string]string{
			"employee": "Employee – the usual case", "no-photo": "Employee – has no photo yet", "no-mailbox": "Employee without a mailbox – small photos only",
			"guest": "Guest – can’t change a photo here", "personal": "Personal account – not a work account", "foreign": "From another organisation – not let in",
		},
		Sample: map[string]string{
			"sideways.jpg": "A phone photo, stored sideways, with the place it was taken", "large.jpg": "A large photo, 24 megapixels",
			"tiny.jpg": "A tiny picture", "transparent.png": "A picture with a transparent background", "logo.webp": "A WebP picture",
			"astronaut.png": "A portrait of an astronaut", "tiles.png": "Numbered tiles, to check the frame",
		},
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
		People: "人员", Samples: "试用图片", SamplesLead: "下载一张，或直接拖入应用。除宇航员外均为绘制的图片。",
		Reset: "重新开始", ResetLead: "将所有照片恢复原状，并让所有人退出登录。",
		ToSamples: "试用图片", ToHome: "租户", Download: "下载",
		Credit: "照片：NASA，艾琳·柯林斯，公有领域",
		Personas: map[string]string{
			"employee": "员工：最常见的情况", "no-photo": "员工：还没有照片", "no-mailbox": "没有邮箱的员工：只能使用较小的照片",
			"guest": "来宾：不能在此更改照片", "personal": "个人帐户：不是工作帐户", "foreign": "来自其他组织：无法进入",
		},
		Sample: map[string]string{
			"sideways.jpg": "手机照片，横向存储，带有拍摄地点", "large.jpg": "大照片，2400 万像素",
			"tiny.jpg": "很小的图片", "transparent.png": "背景透明的图片", "logo.webp": "WebP 图片",
			"astronaut.png": "宇航员肖像", "tiles.png": "带编号的方格，用于核对取景",
		},
	}
}
