package audit_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// logged makes s write the program's log into the buffer, as main does.
func (s *site) logged() *bytes.Buffer {
	var b bytes.Buffer
	s.Log.Log = slog.New(slog.NewJSONHandler(&b, nil))
	return &b
}

// checkpoints reads them from a log, with other lines around them.
func checkpoints(t *testing.T, log *bytes.Buffer) []audit.Checkpoint {
	t.Helper()
	text := "not JSON: audit checkpoint?\n"
	text = strings.ReplaceAll(text, "audit checkpoint", "audit") + `{"msg":"request","cause":"audit checkpoint"}` + "\n" + log.String()
	found, err := audit.ReadCheckpoints(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestSecurityCheckpointsShowWhatTheChainCannot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		key := storetest.Key()
		s := &site{Log: logOn(t, db.Open(t), key), t: t, db: db}
		log := s.logged()
		s.fill(4)
		for range 2 { // the second has nothing to add
			if err := s.Checkpoint(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		s.fill(2)
		if err := s.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		points := checkpoints(t, log)
		if len(points) != 2 || points[0].Seq != 4 || points[1].Seq != 6 {
			t.Fatalf("the log holds %+v", points)
		}
		if r := s.holds("as it was written", points...); r.Checkpoints != 2 {
			t.Errorf("%d checkpoints were compared", r.Checkpoints)
		}
		s.sql("DELETE FROM audit_log WHERE seq > 4")
		s.sql("DELETE FROM audit_sides WHERE seq > 4")
		s.sql(headTo)
		s.finds("cut, with the checkpoint in the database", audit.Wrong{Seq: 5, How: audit.Cut})
		s.sql("DELETE FROM audit_marks")
		s.holds("cut, without any: nothing can be seen")
		s.finds("cut, with the checkpoints of the log", audit.Wrong{Seq: 5, How: audit.Cut}, points...)
		s.fill(2) // as if nothing had happened
		s.holds("filled up again, without any")
		s.finds("filled up again, with the checkpoints of the log", audit.Wrong{Seq: 6, How: audit.Rebuilt}, points...)
		s.sql("DELETE FROM audit_log")
		s.sql("DELETE FROM audit_sides")
		s.sql("UPDATE audit_head SET seq = 0, mac = ''")
		s.holds("emptied, without any")
		s.finds("emptied, with the checkpoints of the log", audit.Wrong{Seq: 1, How: audit.Cut}, points...)
	})
}

func TestSecurityCheckpointsThatAreNotOurs(t *testing.T) {
	s := newSite(t, storetest.SQLite(t))
	log := s.logged()
	s.fill(3)
	if err := s.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	forged := checkpoints(t, log)[0]
	forged.Seq = 2
	s.finds("one whose entry was changed", audit.Wrong{Seq: 2, How: audit.CheckpointForged}, forged)
	for _, line := range []string{
		`{"msg":"audit checkpoint","seq":"one"}`,
		`{"msg":"audit checkpoint","seq":1,"mac":"zz"}`,
		`{"msg":"audit checkpoint","seq":1,"mac":"00","signature":"zz"}`,
		`{"msg":"audit checkpoint"`,
	} {
		if _, err := audit.ReadCheckpoints(strings.NewReader(line)); err == nil {
			t.Errorf("%s is taken", line)
		}
	}
	if _, err := audit.ReadCheckpoints(strings.NewReader(strings.Repeat("x", 2<<20))); err == nil {
		t.Error("an endless line is taken")
	}
}

// TestSecurityCheckpointsGoOnAfterAFinding tampers with the log before its checkpoint.
func TestSecurityCheckpointsGoOnAfterAFinding(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := newSite(t, db)
		log := s.logged()
		s.fill(2)
		if err := s.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.fill(2)
		s.sql("UPDATE audit_log SET outcome = 'done' WHERE seq = 3")
		if err := s.Checkpoint(t.Context()); err == nil || !strings.Contains(err.Error(), "entry 3 was changed") {
			t.Errorf("the second checkpoint: %v", err)
		}
		s.fill(1)
		if err := s.Checkpoint(t.Context()); err != nil {
			t.Errorf("the third, after which nothing was changed: %v", err)
		}
		points := checkpoints(t, log)
		if len(points) != 3 || points[1].Seq != 4 || points[2].Seq != 5 || strings.Count(log.String(), `"finding":"entry 3 was changed"`) != 1 {
			t.Errorf("logged %s", log)
		}
		s.finds("with all checkpoints", audit.Wrong{Seq: 3, How: audit.Changed}, points...)
	})
}

func TestCheckpointsAreDueByNumberOrAge(t *testing.T) {
	s := newSite(t, storetest.SQLite(t))
	log := s.logged()
	for _, tt := range []struct {
		sentence string
		add      int
		after    time.Duration
		want     int // checkpoints in all
	}{
		{"nothing has been written", 0, time.Hour, 0},
		{"the first entry, and no checkpoint ever", 1, 0, 1},
		{"a few entries soon after", 3, time.Minute, 1},
		{"enough entries", 7, time.Minute, 2},
		{"one entry, long after", 1, time.Hour, 3},
		{"no entry, long after", 0, 24 * time.Hour, 3},
	} {
		now := s.Now().Add(tt.after)
		s.Now = func() time.Time { return now }
		s.fill(tt.add)
		if err := s.CheckpointIfDue(t.Context(), 10, 15*time.Minute); err != nil {
			t.Fatal(err)
		}
		if got := len(checkpoints(t, log)); got != tt.want {
			t.Errorf("%s: %d checkpoints, want %d", tt.sentence, got, tt.want)
		}
	}
}

func TestSecurityErasingAPersonKeepsTheChain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := newSite(t, db)
		own := sample(1)
		own.Person, own.Photo = joerg, directory.UserPhoto(tenant, joerg)
		elsewhere := sample(1)
		elsewhere.Tenant, elsewhere.Person, elsewhere.Photo = "another", maya, directory.UserPhoto("another", maya)
		s.add(sample(1), own, sample(2), elsewhere)
		n, err := s.Erase(t.Context(), tenant, maya, "She left on 30 June")
		if err != nil || n != 2 {
			t.Fatalf("erased %d, %v; want the 2 that are for her", n, err)
		}
		s.add(sample(3)) // she comes back
		if r := s.holds("after erasing"); r.Erased != 2 || r.Entries != 6 {
			t.Errorf("reported %+v", r)
		}
		page, err := s.Page(t.Context(), audit.Filter{}, 50)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Records {
			erased := r.Seq == 1 || r.Seq == 3
			if r.Erased != erased || (r.Name+r.Reason+r.TargetName+r.IP == "") != erased || !r.Verified {
				t.Errorf("entry %d: %+v", r.Seq, r)
			}
		}
		if marker := page.Records[1]; marker.Action != audit.Erase || marker.Photo.Owner != maya || marker.Reason != "She left on 30 June" || marker.Item != "2" {
			t.Errorf("the erasure is recorded as %+v", marker)
		}
		s.sql("DELETE FROM audit_sides WHERE seq = 2")
		s.finds("another one's names are gone", audit.Wrong{Seq: 2, How: audit.SideRemoved})
		if _, err := s.Erase(t.Context(), tenant, joerg, ""); err != nil {
			t.Fatal(err)
		}
		s.holds("after erasing who acted, too")
		s.sql("DELETE FROM audit_sides WHERE seq = 6")
		s.finds("names written after the erasure are gone", audit.Wrong{Seq: 6, How: audit.SideRemoved})
	})
}

func TestPurgingTheOldestKeepsTheRest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := newSite(t, db)
		log := s.logged()
		s.fill(3)
		if err := s.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		late := sample(100)
		s.add(late, sample(5), sample(101)) // the clock of the second replica is slow
		s.Now = func() time.Time { return sample(102).At }
		if err := s.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, err := s.Purge(t.Context(), noon); n != 0 || err != nil {
			t.Errorf("purged %d, %v; nothing is that old", n, err)
		}
		n, err := s.Purge(t.Context(), sample(50).At)
		if err != nil || n != 3 {
			t.Fatalf("purged %d, %v; want 3: what comes after a younger one stays", n, err)
		}
		if r := s.holds("after a purge", checkpoints(t, log)...); r.First != 4 || r.Last != 7 || r.Purged != 3 || r.Checkpoints != 2 {
			t.Errorf("reported %+v", r)
		}
		if n, err := s.Purge(t.Context(), sample(50).At); n != 0 || err != nil {
			t.Errorf("purged %d more, %v", n, err)
		}
		s.fill(2)
		if n, err := s.Purge(t.Context(), sample(200).At); err != nil || n != 6 {
			t.Fatalf("purged %d, %v; want the other 6", n, err)
		}
		r := s.holds("after another purge", checkpoints(t, log)...)
		if r.Entries != 1 || r.Purged != 9 || r.Past != 2 {
			t.Errorf("reported %+v", r)
		}
		page, err := s.Page(t.Context(), audit.Filter{}, 50)
		if err != nil || len(page.Records) != 1 || page.Records[0].Action != audit.Purge || page.Records[0].Item != "4-9" || !page.Records[0].Verified {
			t.Errorf("what is left: %+v, %v", page.Records, err)
		}
		s.sql("DELETE FROM audit_marks WHERE name = 'purged'")
		s.finds("without the note of the purge", audit.Wrong{Seq: 1, How: audit.Removed})
	})
}

// TestAPurgeRecordsWhatWasWrong purges entries that somebody changed.
func TestAPurgeRecordsWhatWasWrong(t *testing.T) {
	s := newSite(t, storetest.SQLite(t))
	s.fill(4)
	s.sql("UPDATE audit_log SET outcome = 'done' WHERE seq = 2")
	if n, err := s.Purge(t.Context(), sample(4).At); n != 3 || err != nil {
		t.Fatalf("purged %d, %v", n, err)
	}
	page, err := s.Page(t.Context(), audit.Filter{Action: audit.Purge}, 1)
	if err != nil || len(page.Records) != 1 || page.Records[0].Item != "1-3, wrong at 2: changed" {
		t.Errorf("recorded %+v, %v", page.Records, err)
	}
	s.holds("what is left")
}

func TestWhatTheLastFullCheckFoundIsRemembered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := newSite(t, db)
		log := s.logged()
		s.fill(3)
		checked := func() audit.Checked {
			page, err := s.Page(t.Context(), audit.Filter{}, 1)
			if err != nil {
				t.Fatal(err)
			}
			return page.Checked
		}
		check := func() {
			if err := s.CheckIfDue(t.Context(), 24*time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		if c := checked(); !c.At.IsZero() {
			t.Errorf("never checked, but %+v", c)
		}
		check()
		if c := checked(); !c.At.Equal(noon) || c.Seq != 3 || c.Wrong != nil {
			t.Errorf("checked: %+v", c)
		}
		s.sql("UPDATE audit_log SET outcome = 'done' WHERE seq = 2")
		check()
		if c := checked(); c.Wrong != nil {
			t.Errorf("checked before it was due: %+v", c)
		}
		s.Now = func() time.Time { return noon.Add(24 * time.Hour) }
		check()
		if c := checked(); c.Wrong == nil || *c.Wrong != (audit.Wrong{Seq: 2, How: audit.Changed}) || !strings.Contains(log.String(), "entry 2 was changed") {
			t.Errorf("checked again: %+v; logged %s", c, log)
		}
		s.sql("UPDATE audit_marks SET note = ''")
		if c := checked(); !c.At.IsZero() {
			t.Errorf("a forged check counts: %+v", c)
		}
	})
}

// TestEachEnds stops in the middle of a long log.
func TestEachEnds(t *testing.T) {
	s := newSite(t, storetest.SQLite(t))
	err := s.Store.Tx(t.Context(), func(tx *store.Tx) error {
		for i := range 1100 {
			if err := s.Append(t.Context(), tx, sample(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := s.Each(t.Context(), audit.Filter{}, func(audit.Record) error { n++; return nil }); err != nil || n != 1100 {
		t.Errorf("read %d, %v", n, err)
	}
	stop := errors.New("stop")
	if err := s.Each(t.Context(), audit.Filter{}, func(audit.Record) error { return stop }); err != stop {
		t.Errorf("ended with %v", err)
	}
}
