package handlers

import (
	"github.com/labstack/echo/v4"

	"portrait/internal/directory"
	"portrait/internal/words"
	"portrait/views"
)

// ListGroups answers the groups and teams that the person owns.
func (s *Site) ListGroups(c echo.Context) error { return s.listGroups(c, false) }

// ListTeams answers the teams among them.
func (s *Site) ListTeams(c echo.Context) error { return s.listGroups(c, true) }

func (s *Site) listGroups(c echo.Context, teams bool) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	groups, err := s.Photo.Groups(c.Request().Context(), actor, c.QueryParam("next"))
	if err != nil {
		return err
	}
	p := s.Printer(c)
	l := views.ListPage{
		Notices: s.done(c),
		Frame:   s.Frame(c, p.T("page.groups")), Heading: p.T("groups.heading"), Lead: p.T("groups.lead"),
		Tabs:  []views.Link{{Label: p.T("groups.all"), Href: "/groups", Current: !teams}, {Label: p.T("groups.teams"), Href: "/teams", Current: teams}},
		Empty: p.T("groups.none"), Next: nextHref(c, groups.Next),
	}
	if teams {
		l.Empty = p.T("groups.no-teams")
	}
	for _, g := range groups.Rows {
		if teams && !g.Team {
			continue
		}
		r, err := groupRow(p, g)
		if err != nil {
			return err
		}
		l.Rows = append(l.Rows, r)
	}
	if n := len(groups.Others); n > 0 && !teams {
		l.Note = p.Say(words.M("groups.others", "Count", n))
	}
	if l.Next != "" && len(l.Rows) == 0 {
		l.Empty = p.T("list.more-follow") // this page of Graph's holds none of them
	}
	return answerList(c, l)
}

func groupRow(p words.Printer, g directory.Group) (views.Row, error) {
	subject, err := directory.OfGroup(g.ID)
	kind := p.T("groups.kind-group")
	if g.Team {
		kind = p.T("groups.kind-team")
	}
	return row(subject, string(g.ID), g.DisplayName, join(kind, g.Mail)), err
}
