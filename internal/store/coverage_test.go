package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

func replica(name string) store.Lease {
	return store.Lease{Holder: name, Until: noon.Add(5 * time.Minute)}
}

// scannedRow returns person n of department, whose photo has the given side.
func scannedRow(n int, department string, side int64) store.Scanned {
	return store.Scanned{Person: directory.ID(fmt.Sprintf("person-%02d", n)), Department: department, Side: side}
}

func TestAScanGoesOnWhereItWasCutOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s, ctx := db.Open(t), t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.ClaimScan(ctx, home, replica("one"), noon); !errors.Is(err, store.ErrNone) {
			t.Errorf("claiming before there is a scan: %v, want ErrNone", err)
		}
		must(s.BeginScan(ctx, home, noon))
		must(s.BeginScan(ctx, home, noon)) // nothing more
		first, err := s.ClaimScan(ctx, home, replica("one"), noon)
		must(err)
		if _, err := s.ClaimScan(ctx, home, replica("two"), noon); !errors.Is(err, store.ErrConflict) {
			t.Errorf("claiming what another replica holds: %v, want ErrConflict", err)
		}
		first, err = s.AddScanned(ctx, first, []store.Scanned{scannedRow(1, "Cabin", 648), scannedRow(2, "Cabin", 0), scannedRow(3, "", -1)}, "page 2", noon.Add(5*time.Minute), noon)
		must(err)

		// The first replica stands still beyond its lease; the second goes on.
		later := noon.Add(6 * time.Minute)
		second, err := s.ClaimScan(ctx, home, store.Lease{Holder: "two", Until: later.Add(time.Minute)}, later)
		must(err)
		if second.Next != "page 2" || second.Pages != 1 || second.People != 3 {
			t.Errorf("it goes on at %q after %d pages and %d people, want page 2, 1 and 3", second.Next, second.Pages, second.People)
		}
		if _, err := s.AddScanned(ctx, first, []store.Scanned{scannedRow(9, "Cabin", 0)}, "page 3", later, later); !errors.Is(err, store.ErrConflict) {
			t.Errorf("the late page of the first replica: %v, want ErrConflict", err)
		}
		if err := s.EndScan(ctx, first, later); !errors.Is(err, store.ErrConflict) {
			t.Errorf("the late end of the first replica: %v, want ErrConflict", err)
		}
		second, err = s.AddScanned(ctx, second, []store.Scanned{scannedRow(3, "", -1), scannedRow(4, "Night", 96)}, "", later, later)
		must(err)
		must(s.EndScan(ctx, second, later))

		last, err := s.LastScan(ctx, home)
		must(err)
		if want := (store.ScanCounts{People: 4, WithPhoto: 2, Unknown: 1}); last.ScanCounts != want || last.Missing() != 1 {
			t.Errorf("counted %+v, %d missing, want %+v and 1", last.ScanCounts, last.Missing(), want)
		}
		departments, err := s.Departments(ctx, last.ID)
		must(err)
		counts := map[string]store.ScanCounts{}
		for _, d := range departments {
			counts[d.Name] = d.ScanCounts
		}
		want := map[string]store.ScanCounts{"Cabin": {People: 2, WithPhoto: 1}, "": {People: 1, Unknown: 1}, "Night": {People: 1, WithPhoto: 1}}
		if diff := cmp.Diff(want, counts); diff != "" {
			t.Errorf("departments differ (-want +got):\n%s", diff)
		}
		for show, want := range map[string][]directory.ID{
			store.ShowMissing: {"person-02"}, store.ShowPresent: {"person-01", "person-04"}, store.ShowUnknown: {"person-03"},
			"": {"person-01", "person-02", "person-03", "person-04"},
		} {
			people, err := s.ScannedPeople(ctx, last.ID, store.ScannedWhich{Show: show}, "", 10)
			must(err)
			var got []directory.ID
			for _, p := range people {
				got = append(got, p.Person)
			}
			if !slices.Equal(got, want) {
				t.Errorf("show %q: %v, want %v", show, got, want)
			}
		}
		cabin := departments[slices.IndexFunc(departments, func(d store.ScannedDepartment) bool { return d.Name == "Cabin" })].N
		people, err := s.ScannedPeople(ctx, last.ID, store.ScannedWhich{Department: cabin}, "person-01", 10)
		must(err)
		if len(people) != 1 || people[0].Person != "person-02" {
			t.Errorf("of the cabin behind person-01: %v, want person-02", people)
		}
	})
}

func TestScansAreKeptByDayAndForgetWho(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s, ctx := db.Open(t), t.Context()
		count := func(at time.Time, people int) store.Scan {
			t.Helper()
			if err := s.BeginScan(ctx, home, at); err != nil {
				t.Fatal(err)
			}
			sc, err := s.ClaimScan(ctx, home, replica("one"), at)
			if err != nil {
				t.Fatal(err)
			}
			var rows []store.Scanned
			for i := range people {
				rows = append(rows, scannedRow(i, "Cabin", 648))
			}
			if sc, err = s.AddScanned(ctx, sc, rows, "", at, at); err != nil {
				t.Fatal(err)
			}
			if err := s.EndScan(ctx, sc, at); err != nil {
				t.Fatal(err)
			}
			return sc
		}
		day := 24 * time.Hour
		old := count(noon.Add(-2*day), 1)
		count(noon, 2)
		count(noon.Add(time.Hour), 3) // the same day again
		days, err := s.ScannedDays(ctx, home, noon.Add(-30*day))
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, d := range days {
			got = append(got, d.People)
		}
		if !slices.Equal(got, []int64{1, 3}) {
			t.Errorf("the days have %v people, want 1 and 3", got)
		}
		if people, err := s.ScannedPeople(ctx, old.ID, store.ScannedWhich{}, "", 10); err != nil || len(people) > 0 {
			t.Errorf("the older count still knows %v, %v", people, err)
		}
		if other, err := s.ScannedDays(ctx, "other tenant", noon.Add(-30*day)); err != nil || len(other) > 0 {
			t.Errorf("another tenant sees %v, %v", other, err)
		}
		if n, err := s.PurgeScans(ctx, noon); err != nil || n != 1 {
			t.Errorf("purged %d, %v, want the oldest", n, err)
		}
	})
}

func TestAnExportIsOfExactlyThesePeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s, ctx := db.Open(t), t.Context()
		x := store.Export{ID: "x", Tenant: home, Author: desk, Reason: "INC-1", Whose: []byte("{}"), Part: 2, Plan: []byte("plan"), Created: noon, Until: noon.Add(time.Hour)}
		people := []directory.ID{"c", "a", "b"}
		in := func(do func(tx *store.Tx) error) error { return s.Tx(ctx, do) }
		if err := in(func(tx *store.Tx) error { return tx.CreateExport(ctx, x, people) }); err != nil {
			t.Fatal(err)
		}
		got, err := s.Export(ctx, home, "x")
		if err != nil || got.People != 3 || got.Parts() != 2 || got.Reason != "INC-1" {
			t.Fatalf("the export is %+v, %v", got, err)
		}
		if _, err := s.Export(ctx, "other tenant", "x"); !errors.Is(err, store.ErrNone) {
			t.Errorf("another tenant's: %v, want ErrNone", err)
		}
		if part, err := s.ExportPeople(ctx, got, 2); err != nil || !slices.Equal(part, people[2:]) {
			t.Errorf("part 2 has %v, %v, want %v", part, err, people[2:])
		}
		for _, tt := range []struct {
			name string
			who  directory.ID
			plan string
			at   time.Time
			want error
		}{
			{"its author", desk, "plan", noon, store.ErrOwnPlan},
			{"nobody", "", "plan", noon, store.ErrOwnPlan},
			{"a second person, of another plan", "second", "other", noon, store.ErrConflict},
			{"a second person, too late", "second", "plan", noon.Add(2 * time.Hour), store.ErrConflict},
			{"a second person", "second", "plan", noon, nil},
			{"a third person, after that", "third", "plan", noon, store.ErrConflict},
		} {
			err := in(func(tx *store.Tx) error { return tx.ApproveExport(ctx, got, tt.who, []byte(tt.plan), tt.at) })
			if !errors.Is(err, tt.want) {
				t.Errorf("%s approves: %v, want %v", tt.name, err, tt.want)
			}
		}
		if err := s.TakePart(ctx, "x", 2, desk, noon); err != nil {
			t.Fatal(err)
		}
		if err := s.TakePart(ctx, "x", 2, desk, noon.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if taken, err := s.TakenParts(ctx, "x"); err != nil || len(taken) != 1 || !taken[2].Equal(noon.Add(time.Minute)) {
			t.Errorf("taken are %v, %v", taken, err)
		}
		if n, err := s.PurgeExports(ctx, noon, noon.Add(2*time.Hour)); err != nil || n != 3 {
			t.Errorf("purged %d people, %v, want 3", n, err)
		}
		if all, err := s.Exports(ctx, home, 10); err != nil || len(all) != 1 || all[0].Approver != "second" {
			t.Errorf("the list has %v, %v, want the export without its people", all, err)
		}
		if _, err := s.PurgeExports(ctx, noon.Add(2*time.Hour), noon.Add(3*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if all, err := s.Exports(ctx, home, 10); err != nil || len(all) > 0 {
			t.Errorf("the list has %v, %v, want nothing", all, err)
		}
	})
}
