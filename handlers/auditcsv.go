package handlers

import (
	"bufio"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/labstack/echo/v4"

	"portrait/internal/photo"
)

// auditColumns are the columns of the file, in their order. They are for
// programs, and the same in every language.
var auditColumns = []string{
	"seq", "time", "verified", "names", "action", "outcome", "code", "reason",
	"person", "name", "userPrincipalName", "role", "proof", "as",
	"photo kind", "photo owner", "photo item", "photo of", "old sha256", "new sha256",
	"request id", "graph request id", "graph client request id", "item", "ip", "user agent",
}

// exportPatience is how long the next part of the file may take to be sent.
const exportPatience = 30 * time.Second

// ExportAudit answers the log as a file for spreadsheets: all entries that the
// filter of the address chooses, newest first. That it was asked for is in the
// log.
func (s *Site) ExportAudit(c echo.Context) error {
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	filter, err := auditFilterOf(c)
	if err != nil {
		return err
	}
	from := originOf(c)
	name := "portrait-audit-" + time.Now().UTC().Format("2006-01-02") + ".csv"
	out := &csvAnswer{c: c, to: bufio.NewWriterSize(c.Response(), 32<<10), name: name, columns: auditColumns}
	return out.end(s.Photo.ExportAudit(c.Request().Context(), actor, filter, from, func(e photo.AuditEntry) error { return out.row(auditCells(e)) }))
}

// csvAnswer sends a file row by row. Nothing is sent before the first row is
// there, so that a refusal is answered as a page.
type csvAnswer struct {
	c       echo.Context
	to      *bufio.Writer
	name    string   // of the file
	columns []string // its first row
	begun   bool
	rows    int
}

func (a *csvAnswer) row(cells []string) error {
	a.begin()
	a.rows++
	if a.rows%500 == 1 {
		// The server's own limit is for whole answers. That there is none to
		// extend, as in a test, doesn't matter.
		_ = http.NewResponseController(a.c.Response()).SetWriteDeadline(time.Now().Add(exportPatience))
	}
	return writeCSV(a.to, cells)
}

// begin sends what stands before the rows.
func (a *csvAnswer) begin() {
	if a.begun {
		return
	}
	a.begun = true
	h := a.c.Response().Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+a.name+`"`)
	// Spreadsheets take a file without this mark for one in an old encoding. An
	// error here comes up again at the end.
	_, _ = a.to.WriteString("\uFEFF")
	_ = writeCSV(a.to, a.columns)
}

// end ends the file after all rows were written, or failed with err.
func (a *csvAnswer) end(err error) error {
	if err == nil {
		a.begin()
		err = a.to.Flush()
	}
	if err != nil && a.c.Response().Committed {
		// A file that ends early must not look whole: the browser shows that the
		// connection broke.
		a.c.Set(causeKey, err)
		panic(http.ErrAbortHandler)
	}
	return err
}

// auditCells returns the row of e.
func auditCells(e photo.AuditEntry) []string {
	verified, names := "yes", "kept"
	if !e.Verified {
		verified = "no"
	}
	if e.Erased {
		names = "erased"
	}
	return []string{
		strconv.FormatInt(e.Seq, 10), e.At.UTC().Format("2006-01-02T15:04:05.000Z"), verified, names, e.Action, e.Outcome, e.Code, e.Reason,
		string(e.Person), e.Name, e.Address, string(e.Role), e.Proof, e.As,
		string(e.Photo.Kind), string(e.Photo.Owner), string(e.Photo.Item), e.TargetName, e.Old, e.New,
		e.RequestID, e.GraphRequestID, e.ClientRequestID, e.Item, e.IP, e.Agent,
	}
}

// writeCSV writes one row as RFC 4180 has it, every cell in quotes: a
// spreadsheet whose separator is the semicolon then takes the file apart in the
// same way.
func writeCSV(to *bufio.Writer, cells []string) error {
	for i, cell := range cells {
		if i > 0 {
			_ = to.WriteByte(',') // a Writer keeps its first error
		}
		_, _ = to.WriteString(`"` + strings.ReplaceAll(harmless(cell), `"`, `""`) + `"`)
	}
	_, err := to.WriteString("\r\n")
	return err
}

// harmless returns text such that no spreadsheet takes it, or a part of it after
// something that might part cells, for a formula: an apostrophe goes before what
// begins one. The full-width signs count in some of them.
//
// Source: https://owasp.org/www-community/attacks/CSV_Injection
func harmless(text string) string {
	var b strings.Builder
	begins := true // of a cell, as far as anybody could read it
	for _, r := range text {
		switch {
		case r == 0:
			continue // ends a text for some programs
		case begins && strings.ContainsRune("=+-@＝＋－＠\t\r", r):
			_ = b.WriteByte('\'') // a Builder never fails
			begins = false
		}
		_, _ = b.WriteRune(r)
		switch {
		case strings.ContainsRune(",;|\t\r\n", r):
			begins = true
		case begins && !unicode.IsSpace(r) && r != '"' && r != '\'':
			begins = false
		}
	}
	return b.String()
}
