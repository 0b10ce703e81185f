package batch

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/words"
)

func TestReportSaysWhatBecameOfEachFile(t *testing.T) {
	catalog, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	item := Item{
		File: File{Name: "=1+1.jpg"}, Verdict: Matched, How: ByTable, Sure: Exact, Why: words.M("batch.by-table", "Line", 7),
		Person: directory.Person{ID: "joerg", DisplayName: "Jörg Müller", UPN: "joerg@contoso.com"},
	}
	stored, err := item.Stored(3)
	if err != nil {
		t.Fatal(err)
	}
	if !stored.Ticked || stored.N != 3 || stored.Person != "joerg" {
		t.Errorf("%+v", stored)
	}
	result, err := EncodeMessage(words.M("batch.same-person", "File", "b.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	stored.Name, stored.State, stored.Result, stored.Tries = item.File.Name, store.ItemFailed, result, 2
	stored.Had, stored.OldHash, stored.Ended = store.HadPhoto, []byte{0xAB}, time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	got, err := ReportCells(stored, catalog.Printer("en", ""))
	want := []string{
		"3", "=1+1.jpg", "failed", "b.jpg is for the same person. Please choose one.", "joerg", "Jörg Müller", "joerg@contoso.com",
		"table", "exact", "By line 7 of the table", "2", "2026-11-25T12:00:00Z", "yes", "ab", "",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	got, err = ReportCells(store.Item{}, catalog.Printer("zh-Hans", ""))
	if err != nil || len(got) != len(ReportColumns) || strings.Join(got[3:12], "") != "0" {
		t.Errorf("an item of which nothing is known yet: %q, %v", got, err)
	}
	for what, it := range map[string]store.Item{"found": {Found: []byte("{")}, "result": {Result: []byte("{")}} {
		if _, err := ReportCells(it, catalog.Printer("en", "")); err == nil {
			t.Errorf("a broken %s is told as nothing", what)
		}
	}
}

func TestOnlyWhatIsMatchedIsTicked(t *testing.T) {
	for _, v := range []Verdict{Matched, Ambiguous, Unmatched, Duplicate, Unreadable} {
		it, err := Item{Verdict: v, Candidates: []directory.Person{{ID: "a", DisplayName: "Ann"}}}.Stored(1)
		if err != nil || it.Ticked != (v == Matched) {
			t.Errorf("%s: ticked %v, %v", v, it.Ticked, err)
		}
		if found, err := DecodeFound(it.Found); err != nil || len(found.Candidates) != 1 || found.Candidates[0].DisplayName != "Ann" {
			t.Errorf("%s: %+v, %v", v, found, err)
		}
	}
}
