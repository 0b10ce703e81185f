package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"portrait/internal/directory"
	"portrait/internal/photo"
	"portrait/internal/words"
	"portrait/views"
)

// OpenHistory answers the page with the photos that were there, for the
// helpdesk, which has to say what it wants to see them for. It changes nothing,
// but a reason belongs into no address.
func (s *Site) OpenHistory(c echo.Context) error {
	actor, subject, err := s.who(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	past, err := s.Photo.History(ctx, actor, subject, orderOf(c))
	if err != nil {
		return err
	}
	shown, err := s.Photo.Show(ctx, actor, subject)
	if err != nil {
		return err
	}
	page := s.photoPage(c, shown)
	page.Path = subject.Path() + "/photo"
	if page.History = s.history(c, shown, past, s.Photo.Pass(actor, shown.Subject)); page.History != nil {
		page.History.Open = true
	}
	return Show(c, http.StatusOK, views.Photo(page))
}

// ShowPast answers one of the photos that were there.
func (s *Site) ShowPast(c echo.Context) error {
	actor, subject, err := s.who(c)
	if err != nil {
		return err
	}
	image, err := s.Photo.PastImage(c.Request().Context(), actor, subject, c.Param("id"), c.QueryParam("pass"))
	if err != nil {
		return err
	}
	return sendImage(c, image)
}

// RestorePhoto makes one of the photos that were there the photo again.
func (s *Site) RestorePhoto(c echo.Context) error {
	actor, subject, err := s.who(c)
	if err != nil {
		return err
	}
	o := orderOf(c)
	if o.Key == "" {
		o.Key = formKey(c, []byte(c.Param("id")))
	}
	saved, err := s.Photo.Restore(c.Request().Context(), actor, subject, c.Param("id"), o)
	if err != nil {
		return err
	}
	return s.conclude(c, saved, subject.Path()+"/photo", doneRestored)
}

// ForgetPast deletes one of the photos that were there, or all where the address
// names none.
func (s *Site) ForgetPast(c echo.Context) error {
	actor, subject, err := s.who(c)
	if err != nil {
		return err
	}
	if err := s.Photo.Forget(c.Request().Context(), actor, subject, c.Param("id"), orderOf(c)); err != nil {
		return err
	}
	s.setDone(c, doneForgotten)
	return c.Redirect(http.StatusSeeOther, subject.Path()+"/photo")
}

// history is what a page shows of the photos that were there; nil where there is
// nothing to show or to ask for. pass opens their pictures for the helpdesk.
func (s *Site) history(c echo.Context, shown photo.Shown, past []photo.Past, pass string) *views.History {
	p := s.Printer(c)
	if len(past) == 0 && !shown.MayAsk {
		return nil
	}
	base := shown.Subject.Path() + "/photo/history"
	h := &views.History{P: p, CSRF: s.Auth.CSRF(c.Request().Context()), PageKey: pageKey(), Saw: shown.Saw, Shape: shapeOf(shown.Subject), NeedsReason: shown.NeedsReason}
	if shown.MayAsk && pass == "" {
		h.Ask = base
		return h
	}
	for _, old := range past {
		row := views.Past{
			Src: base + "/" + old.ID + "/$value", When: p.Date(old.Replaced), Stamp: old.Replaced.UTC().Format(http.TimeFormat), Restore: base + "/" + old.ID + "/restore",
		}
		if pass != "" {
			row.Src += "?pass=" + pass
		}
		if !shown.MaySet {
			row.Restore = ""
		}
		if shown.MayWipe {
			row.Delete = base + "/" + old.ID + "/delete"
		}
		if !old.ByOwner && shown.Key.Kind == directory.KindUser {
			row.By = p.Say(words.M("photo.past-by-helpdesk"))
		}
		h.Rows = append(h.Rows, row)
	}
	if shown.MayWipe {
		h.DeleteAll = base + "/delete"
	}
	return h
}
