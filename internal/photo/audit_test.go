package photo

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// auditSite returns a site with an audit log of its own: the helpdesk changed
// Bob's photo, and Bob his own.
func auditSite(t *testing.T) *site {
	t.Helper()
	x := newSite(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	keys, err := audit.NewKeys(storetest.Key())
	if err != nil {
		t.Fatal(err)
	}
	x.Store = storetest.SQLite(t).Open(t)
	x.Audit = &audit.Log{Store: x.Store, Keys: keys, Now: x.Now, Log: slog.New(slog.DiscardHandler)}
	for _, e := range []audit.Entry{
		{Tenant: tenant, Person: desk.ID, Photo: directory.UserPhoto(tenant, bobID), Action: audit.Set, Outcome: audit.Done},
		{Tenant: tenant, Person: bobID, Photo: directory.UserPhoto(tenant, bobID), Action: audit.Set, Outcome: audit.Refused},
		{Tenant: "7a1b2c3d-0000-4000-8000-000000000999", Person: bobID, Action: audit.Set, Outcome: audit.Done},
	} {
		if err := x.Store.Tx(t.Context(), func(tx *store.Tx) error { return x.Audit.Append(t.Context(), tx, e) }); err != nil {
			t.Fatal(err)
		}
	}
	return x
}

func TestTheHelpdeskReadsTheAuditLog(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		filter   AuditFilter
		want     []int64
		kind     fault.Kind
	}{
		{"all of the tenant", AuditFilter{}, []int64{2, 1}, 0},
		{"by an object id, in capitals", AuditFilter{Who: " " + strings.ToUpper(string(bobID))}, []int64{2}, 0},
		{"by a name", AuditFilter{Who: "Bob@contoso.com"}, []int64{2}, 0},
		{"for somebody by name", AuditFilter{For: "bob@contoso.com"}, []int64{2, 1}, 0},
		{"by somebody who isn't there", AuditFilter{Who: "nobody@contoso.com"}, nil, fault.NotFound},
		{"by no name at all", AuditFilter{Who: "../me"}, nil, fault.NotFound},
		{"refused ones", AuditFilter{Outcome: audit.Refused}, []int64{2}, 0},
		{"of another day", AuditFilter{From: noon.Add(24 * time.Hour)}, nil, 0},
	} {
		x := auditSite(t)
		x.facts["/users/nobody@"] = always(404, `{"error":{"code":"Request_ResourceNotFound"}}`)
		page, err := x.AuditLog(t.Context(), desk, tt.filter)
		var got []int64
		for _, r := range page.Records {
			got = append(got, r.Seq)
		}
		if !slices.Equal(got, tt.want) || (err != nil || tt.kind != 0) && !fault.Is(err, tt.kind) {
			t.Errorf("%s: %v, %v; want %v", tt.sentence, got, err, tt.want)
		}
		if x.renewals != 1 {
			t.Errorf("%s: the role was renewed %d times", tt.sentence, x.renewals)
		}
	}
}

func TestNobodyElseReadsTheAuditLog(t *testing.T) {
	x := auditSite(t)
	never := func(AuditEntry) error { t.Error("an entry was exported"); return nil }
	read := func() error {
		_, err := x.AuditLog(t.Context(), ann, AuditFilter{Who: "bob@contoso.com"})
		return err
	}
	if err := read(); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an employee: %v", err)
	}
	if err := x.ExportAudit(t.Context(), ann, AuditFilter{}, Origin{}, never); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an employee exports: %v", err)
	}
	if len(x.log) > 0 {
		t.Errorf("Graph was asked for %v", x.log)
	}
	x.Fresh = func(context.Context, directory.Actor) (directory.Actor, error) { return ann, nil }
	if _, err := x.AuditLog(t.Context(), desk, AuditFilter{}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("somebody who lost the role: %v", err)
	}
	if page, err := x.Audit.Page(t.Context(), audit.Filter{}, 50); err != nil || len(page.Records) != 3 {
		t.Errorf("there are %d entries, %v", len(page.Records), err)
	}
}

// TestAnExportIsInTheLogItself also ends one early.
func TestAnExportIsInTheLogItself(t *testing.T) {
	x := auditSite(t)
	stop := errors.New("the browser went away")
	n := 0
	err := x.ExportAudit(t.Context(), desk, AuditFilter{Who: string(bobID)}, Origin{RequestID: "R1", IP: "192.0.2.7", Agent: "Firefox"}, func(e AuditEntry) error {
		n++
		return stop
	})
	if err != stop || n != 1 {
		t.Errorf("exported %d, %v", n, err)
	}
	page, err := x.AuditLog(t.Context(), desk, AuditFilter{Action: audit.Export})
	if err != nil || len(page.Records) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	if e := page.Records[0]; e.Person != desk.ID || e.RequestID != "R1" || e.IP != "192.0.2.7" || e.Agent != "Firefox" || e.Outcome != audit.Done || e.Role != directory.Helpdesk {
		t.Errorf("the export is recorded as %+v", e)
	}
}
