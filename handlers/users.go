package handlers

import (
	"github.com/labstack/echo/v4"

	"portrait/internal/directory"
	"portrait/internal/words"
	"portrait/views"
)

// ListUsers answers the people whom q finds, for the helpdesk.
func (s *Site) ListUsers(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	query := queryOf(c)
	people, err := s.Photo.People(c.Request().Context(), actor, query, c.QueryParam("next"))
	if err != nil {
		return err
	}
	p := s.Printer(c)
	l := views.ListPage{
		Frame: s.Frame(c, p.T("page.people")), Heading: p.T("users.heading"), Lead: p.T("users.lead"),
		Search: &views.Search{Label: p.T("users.search"), Query: query, Live: true},
		Empty:  emptySentence(p, query, words.M("users.none")),
		Next:   nextHref(c, people.Next),
	}
	for _, person := range people.Rows {
		subject, err := directory.OfUser(person.ID)
		if err != nil {
			return err
		}
		l.Rows = append(l.Rows, row(subject, string(person.ID), person.DisplayName, join(person.JobTitle, person.Department, person.Mail)))
	}
	return answerList(c, l)
}
