package photo

import (
	"net/http"
	"testing"
	"time"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// TestEveryChangeLeavesOneEntry makes changes and refused ones.
func TestEveryChangeLeavesOneEntry(t *testing.T) {
	user := subjectAt(t, paths[directory.FormUser])
	photo := newUpload(t, 70, 70).Body
	policy := always(403, `{"error":{"code":"ForbiddenByPolicy","innerError":{"request-id":"11111111-0000-4000-8000-000000000000"}}}`)
	origin := Origin{RequestID: "R1", IP: "192.0.2.7", Agent: "Firefox"}
	order := Order{Key: "key", Reason: "left the company", Origin: origin}
	sets := func(actor directory.Actor, subject directory.Subject) func(*site) error {
		return func(x *site) error {
			u := pictured(t, 0)
			u.Order = order
			_, err := x.Set(t.Context(), actor, subject, u)
			return err
		}
	}
	removes := func(actor directory.Actor, subject directory.Subject) func(*site) error {
		return func(x *site) error { return x.removes(t.Context(), actor, subject, Change{order}) }
	}
	for _, tt := range []struct {
		name   string
		do     func(*site) error
		answer http.HandlerFunc // nil = takes it
		want   audit.Entry
	}{
		{"one's own photo", sets(ann, directory.Me()), nil,
			audit.Entry{Person: annID, Role: directory.Employee, As: audit.AsDelegated, Action: "set", Outcome: audit.Done, Old: hexOf(photo)}},
		{"removed", removes(ann, directory.Me()), nil,
			audit.Entry{Person: annID, Role: directory.Employee, As: audit.AsDelegated, Action: "remove", Outcome: audit.Done, Old: hexOf(photo)}},
		{"by the helpdesk", sets(desk, user), nil,
			audit.Entry{Person: deskID, Role: directory.Helpdesk, As: audit.AsApp, Action: "set", Outcome: audit.Done, Old: hexOf(photo), TargetName: "Bob"}},
		{"refused by Portrait", sets(ann, user), nil,
			audit.Entry{Person: annID, Role: directory.Employee, As: audit.AsDelegated, Action: "set", Outcome: audit.Refused, Code: "photo.helpdesk-only"}},
		{"refused by Graph", sets(ann, directory.Me()), policy,
			audit.Entry{Person: annID, Role: directory.Employee, As: audit.AsDelegated, Action: "set", Outcome: audit.Refused, Code: "graph.policy", Old: hexOf(photo)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x, shelf := newShelf(t, photo)
			if tt.answer != nil {
				shelf.to(func(w http.ResponseWriter, r *http.Request, _ func()) { tt.answer(w, r) })
			}
			_ = tt.do(x) // how it ends is the entry's business
			all := x.entries(t)
			if len(all) != 1 {
				t.Fatalf("%d entries, want 1", len(all))
			}
			got := all[0].Entry
			if got.Proof != audit.ProofIDToken || got.Reason != order.Reason || got.RequestID != "R1" || got.IP != "192.0.2.7" || got.Agent != "Firefox" || !got.At.Equal(noon) {
				t.Errorf("the entry says %+v", got)
			}
			sent := ""
			if got.Action == "set" && len(x.puts()) > 0 {
				sent = hexOf(x.sent(t, 0))
			}
			if got.Person != tt.want.Person || got.Role != tt.want.Role || got.As != tt.want.As || got.Action != tt.want.Action || got.Outcome != tt.want.Outcome ||
				got.Code != tt.want.Code || got.Old != tt.want.Old || got.New != sent || tt.want.TargetName != "" && got.TargetName != tt.want.TargetName {
				t.Errorf("the entry says %+v, want %+v and the hash %q", got, tt.want, sent)
			}
		})
	}
}

// TestWhatCannotBeAuditedIsNotReportedAsDone breaks the audit log: the change
// isn't called saved, nothing of it is half written, and it is found out once the
// log can be written again.
func TestWhatCannotBeAuditedIsNotReportedAsDone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		x, _ := newShelf(t, newUpload(t, 70, 70).Body)
		x.on(t, db.Open(t))
		raw := db.SQL(t)
		exec := func(query string) {
			t.Helper()
			if _, err := raw.ExecContext(t.Context(), query); err != nil {
				t.Fatal(err)
			}
		}
		exec(`ALTER TABLE audit_log RENAME TO audit_log_gone`)
		user := subjectAt(t, paths[directory.FormUser])
		u := withReason(t)
		u.Key = "key"
		if saved, err := x.Set(t.Context(), desk, user, u); err == nil {
			t.Fatalf("it is reported as %s", saved.State)
		}
		key := directory.UserPhoto(tenant, bobID)
		if n, err := x.Store.PhotoChanges(t.Context(), key); n != 0 || err != nil {
			t.Errorf("%d changes are counted, %v", n, err)
		}
		if told, err := x.Store.ToldTo(t.Context(), tenant, bobID, noon); len(told) != 0 || err != nil {
			t.Errorf("its owner is told %v, %v", told, err)
		}
		if d := x.newestRow(t, desk, user); d.State != string(Sending) {
			t.Errorf("the change is %s", d.State)
		}
		exec(`ALTER TABLE audit_log_gone RENAME TO audit_log`)
		x.pass(holdTime)
		if saved, err := x.Send(t.Context(), desk, user, Origin{}); err != nil || saved.State != Confirmed || len(x.puts()) != 1 {
			t.Errorf("%s, %v after %d PUTs; want it to be read back", saved.State, err, len(x.puts()))
		}
		x.audited(t, "set done")
		if told := tellsOf(t, x, bobby); len(told) != 1 {
			t.Errorf("its owner is told %v", told)
		}
	})
}

// TestNobodyLooksUnseen holds that the helpdesk sees no history without an entry.
func TestNobodyLooksUnseen(t *testing.T) {
	x, _ := newShelf(t, newUpload(t, 70, 70).Body)
	user := subjectAt(t, paths[directory.FormUser])
	_, err := x.History(t.Context(), desk, user, Order{})
	check(t, err, fault.Unreadable, "photo.reason-missing", fault.NextRetry)
	if _, err := x.History(t.Context(), desk, user, Order{Reason: "INC-1"}); err != nil {
		t.Fatal(err)
	}
	if all := x.audited(t, "seeHistory done"); all[0].Reason != "INC-1" {
		t.Errorf("the reason is %q", all[0].Reason)
	}
}

// TestSweeping deletes what is a day old, with evidence, and says of what nobody
// came back for that its outcome is unknown.
func TestSweeping(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		x, shelf := newShelf(t, nil)
		x.on(t, db.Open(t))
		other := func(n rune) directory.Actor {
			a := ann
			a.ID = directory.ID("aaaaaaaa-0000-4000-8000-00000000010" + string(n))
			return a
		}
		answers := map[rune]http.HandlerFunc{'1': fine, '2': cut, '3': always(429, "{}", "Retry-After", "60"), '4': always(500, "")}
		for n, answer := range answers {
			shelf.to(func(w http.ResponseWriter, r *http.Request, _ func()) { answer(w, r) })
			_, _ = x.Set(t.Context(), other(n), directory.Me(), pictured(t, 0)) // in every state
		}
		sweep := func() (drafts int64) {
			t.Helper()
			purged, err := x.Sweep(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(purged) > 0 {
				t.Errorf("left to the last: %v", purged)
			}
			all, err := x.Store.Purges(t.Context(), 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range all {
				if p.What == "drafts" {
					drafts += p.Deleted
				}
			}
			return drafts
		}
		x.pass(draftAge - time.Second)
		if n := sweep(); n != 0 {
			t.Errorf("%d were deleted too early", n)
		}
		x.pass(time.Second)
		if n := sweep(); n != 4 {
			t.Errorf("there is evidence of %d deletions, want 4", n)
		}
		all := x.entries(t)
		if len(all) != 2 || all[0].Outcome != audit.Done || all[1].Outcome != audit.Unknown || all[1].Person != other('2').ID {
			t.Errorf("the audit log has %+v", all)
		}
		for n := range answers {
			if _, err := x.Store.NewestDraft(t.Context(), tenant, other(n).ID, directory.UserPhoto(tenant, other(n).ID), time.Time{}); err != store.ErrNone {
				t.Errorf("draft %c: %v", n, err)
			}
		}
	})
}
