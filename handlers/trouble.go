package handlers

import (
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"portrait/internal/fault"
	"portrait/internal/words"
	"portrait/views"
)

// Trouble returns the page that says e, with a way on.
func (s *Site) Trouble(c echo.Context, e *fault.Error) views.TroublePage {
	p := s.Printer(c)
	page := views.TroublePage{
		Frame:     s.Frame(c, p.Say(title(e.Kind))),
		Sentence:  p.Say(e.Say),
		RequestID: VisitOf(c).ID,
		Link:      e.Link,
		Notices:   s.done(c),
		Href:      "/",
	}
	here := back(c)
	switch e.Next {
	case fault.NextSignIn:
		page.Action, page.Href = p.T("trouble.sign-in"), "/auth/sign-in"
		if here != page.Href {
			page.Href += "?return_to=" + url.QueryEscape(here)
		}
	case fault.NextRetry, fault.NextWait:
		page.Action, page.Href = p.T("trouble.retry"), here
	case fault.NextChoose:
		page.Action, page.Href = p.T("trouble.choose"), here
	case fault.NextAllow:
		page.Title, page.Sentence = p.T("trouble.title-allow"), allowSentence(p, e)
		page.Action, page.Href, page.Allow = p.T("trouble.allow"), allowHref(e.Scope, pageOf(c)), true
	default:
		page.Next = nextSentence(p, e.Next)
	}
	if page.Action == "" {
		page.Action = p.T("trouble.home")
	}
	return page
}

// Title returns the heading for trouble of kind k.
func (s *Site) Title(c echo.Context, k fault.Kind) string { return s.Printer(c).Say(title(k)) }

func title(k fault.Kind) words.Message {
	switch k {
	case fault.SignIn:
		return words.M("trouble.title-sign-in")
	case fault.Forbidden:
		return words.M("trouble.title-forbidden")
	case fault.NotFound, fault.NotAllowed:
		return words.M("trouble.title-not-found")
	case fault.TooLarge, fault.Unsupported, fault.Unreadable:
		return words.M("trouble.title-picture")
	case fault.Unavailable, fault.Busy, fault.Timeout, fault.TooMany:
		return words.M("trouble.title-busy")
	}
	return words.M("trouble.title")
}

// pageOf returns the address of the page that the request is about: its own, or
// the one with the form that was sent.
func pageOf(c echo.Context) string {
	if c.Path() == "/admin/mailbox" {
		return "/admin"
	}
	return c.Request().URL.EscapedPath()
}

// back returns where to try again: the page that was asked for, the one that
// the form of a change stands on, or the beginning of the sign-in.
func back(c echo.Context) string {
	if strings.HasPrefix(c.Path(), "/auth/") {
		return "/auth/sign-in"
	}
	subject, err := subjectOf(c.Path(), c.Request().URL.EscapedPath())
	if err != nil {
		return "/"
	}
	return subject.Path() + "/photo"
}
