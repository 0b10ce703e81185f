package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"portrait/internal/batch"
	"portrait/internal/store"
	"portrait/internal/words"
)

// printf prints on the terminal. Nothing helps where nobody reads it: what is
// done is in the database.
func (t *terminal) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(t.out, format, args...)
}

// table prints rows under a heading, in columns.
func (t *terminal) table(rows [][]string) {
	if len(rows) < 2 {
		return
	}
	w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	for _, cells := range rows {
		for i := range cells {
			cells[i] = printable(cells[i])
		}
		_, _ = fmt.Fprintln(w, strings.Join(cells, "\t")) // as printf
	}
	_ = w.Flush() // likewise
}

// printable is text that does nothing to a terminal: names of files come from
// anywhere.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// printPlan prints what a batch is going to do with each file, and what stands in
// the way of the others.
func (t *terminal) printPlan(sh batch.Shown) {
	rows := [][]string{{"FILE", "PERSON", "USER NAME", "SURE", "WHY"}}
	for i, it := range sh.Items {
		found := sh.Founds[i]
		person, upn, sure := found.Name, found.UPN, it.Sure
		if !it.Ticked {
			person, upn, sure = "–", "", it.Verdict
		}
		rows = append(rows, []string{it.Name, person, upn, sure, t.say.Say(found.Why)})
	}
	t.table(rows)
	for _, line := range sh.Lines {
		t.printf("%s\n", printable(t.sayInside(line)))
	}
	t.printf("\nPlan of batch %s: %d pictures, %d to run, %d aside", sh.ID, sh.Counts.Total, sh.Counts.Ticked, sh.Counts.Unticked)
	for _, v := range []batch.Verdict{batch.Ambiguous, batch.Unmatched, batch.Duplicate, batch.Unreadable} {
		if n := sh.Counts.Verdicts[string(v)]; n > 0 {
			t.printf(", %d %s", n, v)
		}
	}
	t.printf("%s.\n", traits(sh.Batch))
}

// sayInside says m, whose value Why may be a message itself.
func (t *terminal) sayInside(m words.Message) string {
	if why, ok := m.Data["Why"].(words.Message); ok {
		return t.say.T("batch.row-bad", "Line", m.Data["Line"], "Why", t.say.Say(why))
	}
	return t.say.Say(m)
}

// traits says what is special about b.
func traits(b store.Batch) (text string) {
	if b.DryRun {
		text += "; a dry run: nothing is changed"
	}
	if b.OnlyMissing {
		text += "; people who have a photo are skipped"
	}
	if b.Parent != "" {
		text += "; it rolls back batch " + b.Parent
	}
	return text
}

// printList prints the batches that there are.
func (t *terminal) printList(all []batch.Listed) {
	if len(all) == 0 {
		t.printf("%s\n", t.say.T("batch.empty"))
		return
	}
	rows := [][]string{{"ID", "MADE (UTC)", "STATE", "FILES", "REASON"}}
	for _, b := range all {
		files := fmt.Sprint(max(b.Counts.Total, b.PurgedItems))
		rows = append(rows, []string{b.ID, b.Created.UTC().Format(time.DateTime), string(b.State), files, b.Reason})
	}
	t.table(rows)
}

// errRows says that enough rows were printed.
var errRows = errors.New("enough rows")

// manyRows is how many rows of items somebody reads who didn't ask for all.
const manyRows = 200

// printItems prints what became of the items of b: of those that failed or were
// skipped, or of all. A dry run is asked for its rows, so it prints all.
func (t *terminal) printItems(ctx context.Context, b store.Batch, all bool) error {
	rows := [][]string{{"FILE", "PERSON", "RESULT", "WHY"}}
	err := t.site.batches.EachItem(ctx, t.actor, b.ID, func(it batch.Kept) error {
		tells := it.State == store.ItemFailed || it.State == store.ItemSkipped || b.DryRun && it.State == store.ItemDone
		if !all && !tells {
			return nil
		}
		found, err := batch.DecodeFound(it.Found)
		if err != nil {
			return err
		}
		result, err := batch.DecodeMessage(it.Result)
		if err != nil {
			return err
		}
		why := ""
		if result.ID != "" {
			why = t.say.Say(result)
		}
		rows = append(rows, []string{it.Name, found.UPN, string(it.State), why})
		if !all && len(rows) > manyRows {
			return errRows
		}
		return nil
	})
	if err != nil && !errors.Is(err, errRows) {
		return err
	}
	t.table(rows)
	if err != nil {
		t.printf("… and more: portrait batch status %s --items\n", b.ID)
	}
	return nil
}

// progressLine says how many of the ticked items have ended, and how.
func progressLine(c store.BatchCounts) string {
	done, skipped, failed := c.States[store.ItemDone], c.States[store.ItemSkipped], c.States[store.ItemFailed]
	return fmt.Sprintf("%d of %d: %d done, %d skipped, %d failed", done+skipped+failed, c.Ticked, done, skipped, failed)
}

// printBatch prints where b stands.
func (t *terminal) printBatch(b store.Batch, counts store.BatchCounts) {
	t.printf("Batch %s is %s%s.\n%s\n", b.ID, b.State, traits(b), progressLine(counts))
}
