package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// who may ask for an address.
type who int

const (
	anyone   who = iota + 1 // also people who aren't signed in
	signedIn                // what exactly they may is photo's decision
)

// route is one row of the site's surface.
type route struct {
	method, path string
	handler      echo.HandlerFunc
	who          who
	body         int64 // largest request body, in bytes
}

// sharePath is where a phone sends a picture that is shared to Portrait, as
// tools/dist writes into the manifest.
const sharePath = "/share"

// routes returns every address of the site. A photo's address is Graph's.
func (w *site) routes() []route {
	h := w.Site
	rows := []route{
		{http.MethodGet, "/", h.ShowHome, anyone, smallBody},
		{http.MethodGet, "/auth/sign-in", h.BeginSignIn, anyone, smallBody},
		{http.MethodGet, "/auth/callback", h.FinishSignIn, anyone, smallBody},
		{http.MethodPost, "/auth/sign-out", h.SignOut, anyone, smallBody},
		{http.MethodGet, "/auth/front-channel-logout", h.EndByProvider, anyone, smallBody},
		{http.MethodPost, "/preferences", h.SavePreferences, anyone, smallBody},
		{http.MethodPost, sharePath, h.DropShared, anyone, smallBody},
		{http.MethodGet, "/healthz", h.ShowHealth, anyone, smallBody},
		{http.MethodGet, "/readyz", h.ShowReady, anyone, smallBody},
		{http.MethodGet, "/admin", h.ShowAdmin, signedIn, smallBody},
		{http.MethodPost, "/admin/mailbox", h.OpenMailbox, signedIn, smallBody},
		{http.MethodGet, "/me/data.zip", h.DownloadData, signedIn, smallBody},
		{http.MethodPost, "/me/told/:id/undo", h.UndoTold, signedIn, smallBody},
		{http.MethodPost, "/me/told/:id/dismiss", h.DismissTold, signedIn, smallBody},
		{http.MethodGet, "/audit", h.ShowAudit, signedIn, smallBody},
		{http.MethodGet, "/audit.csv", h.ExportAudit, signedIn, smallBody},
		{http.MethodGet, "/batches", h.ListBatches, signedIn, smallBody},
		{http.MethodPost, "/batches", h.CreateBatch, signedIn, smallBody},
		{http.MethodGet, "/batches/:batch", h.ShowBatch, signedIn, smallBody},
		{http.MethodPut, "/batches/:batch/files/:n", h.PutFile, signedIn, pictureBody},
		{http.MethodPost, "/batches/:batch/files", h.PostFiles, signedIn, zipBody},
		{http.MethodPost, "/batches/:batch/options", h.SetBatchOptions, signedIn, smallBody},
		{http.MethodPost, "/batches/:batch/match", h.MatchBatch, signedIn, smallBody},
		{http.MethodPost, "/batches/:batch/items/:n", h.ChangeItem, signedIn, smallBody},
		{http.MethodGet, "/batches/:batch/items/:n/$value", h.ShowItem, signedIn, smallBody},
		{http.MethodGet, "/batches/:batch/items/:n/whole/$value", h.ShowWhole, signedIn, smallBody},
		{http.MethodPost, "/batches/:batch/approve", h.ApproveBatch, signedIn, smallBody},
		{http.MethodGet, "/batches/:batch/report.csv", h.ExportBatch, signedIn, smallBody},
		{http.MethodGet, "/batches/:batch/state", h.ShowBatchState, signedIn, smallBody},
		{http.MethodPost, "/batches/:batch/run", h.RunBatch, signedIn, smallBody},
		{http.MethodPost, "/batches/:batch/pause", h.PauseBatch, signedIn, smallBody},
		{http.MethodPost, "/batches/:batch/resume", h.ResumeBatch, signedIn, smallBody},
		{http.MethodPost, "/batches/:batch/cancel", h.CancelBatch, signedIn, smallBody},
		{http.MethodPost, "/batches/:batch/retry", h.RetryBatch, signedIn, smallBody},
		{http.MethodPost, "/batches/:batch/finish", h.FinishBatch, signedIn, smallBody},
		{http.MethodPost, "/batches/:batch/rollback", h.RollBackBatch, signedIn, smallBody},
		{http.MethodGet, "/batches/:batch/expected.csv", h.ExportExpected, signedIn, smallBody},
		{http.MethodGet, "/coverage", h.ShowCoverage, signedIn, smallBody},
		{http.MethodPost, "/coverage/count", h.CountCoverage, signedIn, smallBody},
		{http.MethodPost, "/coverage/batch", h.CreateBatchOf, signedIn, smallBody},
		{http.MethodGet, "/coverage/people", h.ListCovered, signedIn, smallBody},
		{http.MethodGet, "/coverage/people.csv", h.ExportCovered, signedIn, smallBody},
		{http.MethodGet, "/coverage/days.csv", h.ExportDays, signedIn, smallBody},
		{http.MethodGet, "/exports", h.ListExports, signedIn, smallBody},
		{http.MethodPost, "/exports", h.CreateExport, signedIn, pictureBody},
		{http.MethodGet, "/exports/:export", h.ShowExport, signedIn, smallBody},
		{http.MethodPost, "/exports/:export/approve", h.ApproveExport, signedIn, smallBody},
		{http.MethodGet, "/exports/:export/parts/:part", h.DownloadPart, signedIn, smallBody},
		{http.MethodGet, "/groups", h.ListGroups, signedIn, smallBody},
		{http.MethodGet, "/teams", h.ListTeams, signedIn, smallBody},
		{http.MethodGet, "/me/contacts", h.ListContacts, signedIn, smallBody},
		{http.MethodGet, "/me/contactfolders/:folder/contacts", h.ListContacts, signedIn, smallBody},
		{http.MethodGet, "/users", h.ListUsers, signedIn, smallBody},
		{http.MethodGet, "/users/:user/contacts", h.ListContacts, signedIn, smallBody},
		{http.MethodGet, "/users/:user/contactfolders/:folder/contacts", h.ListContacts, signedIn, smallBody},
		{http.MethodGet, "/static/*", echo.WrapHandler(w.Static), anyone, smallBody},
	}
	for _, subject := range []string{
		"/me",
		"/me/contacts/:contact",
		"/me/contactfolders/:folder/contacts/:contact",
		"/groups/:group",
		"/teams/:team",
		"/users/:user",
		"/users/:user/contacts/:contact",
		"/users/:user/contactfolders/:folder/contacts/:contact",
	} {
		rows = append(rows,
			route{http.MethodGet, subject + "/photo", h.ShowPhoto, signedIn, smallBody},
			route{http.MethodPost, subject + "/photo", h.PostPhoto, signedIn, pictureBody},
			route{http.MethodPut, subject + "/photo/$value", h.PutPhoto, signedIn, pictureBody},
			route{http.MethodDelete, subject + "/photo/$value", h.DeletePhoto, signedIn, smallBody},
			route{http.MethodPost, subject + "/photo/remove", h.RemovePhoto, signedIn, smallBody},
			route{http.MethodGet, subject + "/photo/$value", h.ShowImage, signedIn, smallBody},
			route{http.MethodGet, subject + "/photos/:size/$value", h.ShowImage, signedIn, smallBody},
			route{http.MethodGet, subject + "/photo/state", h.ShowState, signedIn, smallBody},
			route{http.MethodPost, subject + "/photo/send", h.SendDraft, signedIn, smallBody},
			route{http.MethodGet, subject + "/photo/draft/$value", h.ShowDraft, signedIn, smallBody},
			route{http.MethodPost, subject + "/photo/draft/delete", h.DropDraft, signedIn, smallBody},
			route{http.MethodPost, subject + "/photo/history", h.OpenHistory, signedIn, smallBody},
			route{http.MethodPost, subject + "/photo/history/delete", h.ForgetPast, signedIn, smallBody},
			route{http.MethodGet, subject + "/photo/history/:id/$value", h.ShowPast, signedIn, smallBody},
			route{http.MethodPost, subject + "/photo/history/:id/restore", h.RestorePhoto, signedIn, smallBody},
			route{http.MethodPost, subject + "/photo/history/:id/delete", h.ForgetPast, signedIn, smallBody},
		)
	}
	return rows
}
