package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"portrait/internal/directory"
	"portrait/views"
)

// ShowAdmin answers the one door for group owners and the helpdesk. It shows
// only what the person may open.
func (s *Site) ShowAdmin(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	p := s.Printer(c)
	page := views.AdminPage{
		Frame: s.Frame(c, p.T("page.admin")), Mailbox: "/admin/mailbox", Notices: s.done(c),
		Doors: []views.Door{
			{Icon: "users", Title: p.T("groups.heading"), Text: p.T("admin.groups"), Href: "/groups"},
			{Icon: "contact", Title: p.T("contacts.heading"), Text: p.T("admin.contacts"), Href: "/me/contacts"},
		},
	}
	if actor.Role == directory.Helpdesk {
		page.Doors = append(page.Doors,
			views.Door{Icon: "circle-user-round", Title: p.T("users.heading"), Text: p.T("admin.people"), Href: "/users"},
			views.Door{Icon: "image-up", Title: p.T("batch.heading"), Text: p.T("admin.batches"), Href: "/batches"},
			views.Door{Icon: "chart-column", Title: p.T("coverage.heading"), Text: p.T("admin.coverage"), Href: "/coverage"},
			views.Door{Icon: "download", Title: p.T("export.heading"), Text: p.T("admin.exports"), Href: "/exports"},
			views.Door{Icon: "shield-check", Title: p.T("audit.heading"), Text: p.T("admin.audit"), Href: "/audit"})
	}
	return Show(c, http.StatusOK, views.Admin(page))
}
