package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"portrait/internal/auth"
	"portrait/internal/batch"
	"portrait/internal/fault"
	"portrait/internal/store"
)

// run makes a batch of the folder or zip that o names, prints its plan, and
// queues it.
func (t *terminal) run(ctx context.Context, o batchOptions) error {
	id, err := t.site.batches.Create(ctx, t.actor, o.Wish)
	if err != nil {
		return err
	}
	if err := t.fill(ctx, id, o); err != nil {
		return t.drop(ctx, id, err)
	}
	shown, err := t.site.batches.Show(ctx, t.actor, id)
	if err != nil {
		return t.drop(ctx, id, err)
	}
	t.printPlan(shown)
	if shown.Counts.Ticked == 0 {
		return t.drop(ctx, id, endedWith{fmt.Errorf("nothing of this can be run, so nothing was kept"), exitLook})
	}
	return t.submit(ctx, id, o.noWait, shown.Counts.Unticked)
}

// fill adds the pictures and the table, and finds whose they are.
func (t *terminal) fill(ctx context.Context, id string, o batchOptions) error {
	if err := t.add(ctx, id, o.rest[0], o.table != ""); err != nil {
		return err
	}
	if o.table != "" {
		csv, err := os.ReadFile(o.table) // #nosec G304 -- what the operator names on the command line
		if err != nil {
			return wrongUse{err}
		}
		if err := t.site.batches.AddTable(ctx, t.actor, id, csv); err != nil {
			return err
		}
	}
	return t.site.batches.Match(ctx, t.actor, id)
}

// add adds the folder or zip at path. table says that there is a CSV beside it.
func (t *terminal) add(ctx context.Context, id, path string, table bool) error {
	info, err := os.Stat(path)
	if err != nil {
		return wrongUse{err}
	}
	if !info.IsDir() {
		zip, err := os.Open(path) // #nosec G304 -- what the operator names on the command line
		if err != nil {
			return wrongUse{err}
		}
		defer zip.Close() // it was only read
		return t.site.batches.AddZip(ctx, t.actor, id, zip)
	}
	root, err := os.OpenRoot(path) // links out of it lead nowhere
	if err != nil {
		return wrongUse{err}
	}
	defer root.Close() // it was only read
	return t.site.batches.AddFolder(ctx, t.actor, id, root.FS(), table)
}

// rollback makes the batch that undoes the one that o names, and queues it.
func (t *terminal) rollback(ctx context.Context, o batchOptions) error {
	back, err := t.site.batches.RollBack(ctx, t.actor, o.rest[0], o.Reason)
	if err != nil {
		return err
	}
	b, counts, err := t.site.batches.Counts(ctx, t.actor, back)
	if err != nil {
		return err
	}
	t.printf("Batch %s puts back %d photos of batch %s.\n", b.ID, counts.Ticked, b.Parent)
	return t.submit(ctx, back, o.noWait, 0)
}

// submit queues batch id and follows it, unless noWait. aside is how many of its
// pictures are for nobody.
func (t *terminal) submit(ctx context.Context, id string, noWait bool, aside int64) error {
	grant, err := auth.GrantOperator(t.actor, time.Now())
	if err != nil {
		return err
	}
	waits, err := t.site.batches.Submit(ctx, t.actor, id, grant)
	switch {
	case err != nil:
		return t.drop(ctx, id, err)
	case waits:
		return t.waitsForApproval(id)
	case noWait:
		t.printf("Batch %s is queued. Follow it with: portrait batch status %s --wait\n", id, id)
		return t.leftAside(aside)
	}
	if err := t.follow(ctx, id); err != nil {
		return err
	}
	return t.leftAside(aside)
}

func (t *terminal) waitsForApproval(id string) error {
	return endedWith{fmt.Errorf("batch %s waits: somebody of the helpdesk has to approve it, at %s/batches/%s; it runs by itself after that", id, t.url, id), exitApproval}
}

// leftAside says how many pictures nothing was done with, if there are any.
func (t *terminal) leftAside(n int64) error {
	if n == 0 {
		return nil
	}
	return endedWith{fmt.Errorf("%d pictures were left aside, see the plan above", n), exitLook}
}

// status says how far the batch is that o names, or which there are.
func (t *terminal) status(ctx context.Context, o batchOptions) error {
	if len(o.rest) == 0 {
		all, _, err := t.site.batches.List(ctx, t.actor, time.Now().Add(time.Minute))
		if err == nil {
			t.printList(all)
		}
		return err
	}
	id := o.rest[0]
	b, _, err := t.site.batches.Counts(ctx, t.actor, id)
	if err != nil {
		return err
	}
	if o.wait && b.State == store.BatchRunning {
		return t.follow(ctx, id)
	}
	return t.report(ctx, id, o.items)
}

const (
	lookEvery = 300 * time.Millisecond
	tellEvery = 2 * time.Second

	// standsStill is how long a batch may get no further before it is looked
	// again whether anybody works it: Graph may let it wait for a while.
	standsStill = 20 * time.Second
)

// follow follows batch id until it runs no more, and says how it ended. Where no
// server works batches, this process works this one. Where ctx ends first, the
// batch goes on without us, or waits for whoever works it next.
func (t *terminal) follow(ctx context.Context, id string) error {
	var last string
	var told time.Time
	moved := time.Time{} // when it was last seen to get on; the zero time asks at once who works it
	for {
		b, counts, err := t.site.batches.Counts(ctx, t.actor, id)
		switch {
		case ctx.Err() != nil:
			return t.interrupted(id)
		case fault.Is(err, fault.Busy): // the database; it comes back
		case err != nil:
			return err
		case b.State != store.BatchRunning:
			return t.report(ctx, id, false)
		}
		now := progressLine(counts)
		if now != last && time.Since(told) > tellEvery {
			t.printf("%s\n", now)
			told = time.Now()
		}
		if now != last {
			last = now
			if !moved.IsZero() {
				moved = time.Now()
			}
		}
		if t.stop == nil && time.Since(moved) > standsStill {
			moved = time.Now()
			if err := t.workUnattended(ctx, id); err != nil {
				return err
			}
		}
		if sleep(ctx, lookEvery) != nil {
			return t.interrupted(id)
		}
	}
}

// workUnattended works batch id in this process if no other one does.
func (t *terminal) workUnattended(ctx context.Context, id string) error {
	attended, err := t.site.batches.Attended(ctx)
	if err != nil || attended || ctx.Err() != nil {
		return err
	}
	t.printf("No server works batches now, so this command does it.\n")
	t.site.batches.Only = id
	t.stop, err = t.site.work(context.WithoutCancel(ctx), t.log) // stop lets what is under way end
	return err
}

func (t *terminal) interrupted(id string) error {
	return fmt.Errorf("stopped following batch %s, which isn't cancelled: a server goes on with it, and so does: portrait batch status %s --wait", id, id)
}

// outcomeOf is how batch b has ended, or stands.
func (t *terminal) outcomeOf(b store.Batch, counts store.BatchCounts, note string) error {
	failed := counts.States[store.ItemFailed]
	switch {
	case b.State == store.BatchWaiting:
		return t.waitsForApproval(b.ID)
	case b.State == store.BatchPaused:
		return endedWith{fmt.Errorf("batch %s is paused: %s (resume, retry or finish it at %s/batches/%s)", b.ID, note, t.url, b.ID), exitLook}
	case b.State == store.BatchCancelled:
		return endedWith{fmt.Errorf("batch %s was cancelled", b.ID), exitLook}
	case failed > 0:
		return endedWith{fmt.Errorf("%d of batch %s failed", failed, b.ID), exitLook}
	}
	return nil
}

// report prints how far batch id is: the rows that somebody should look at, or
// all.
func (t *terminal) report(ctx context.Context, id string, all bool) error {
	b, counts, err := t.site.batches.Counts(ctx, t.actor, id)
	if err != nil {
		return err
	}
	note, err := batch.DecodeMessage(b.Note)
	if err != nil {
		return err
	}
	if err := t.printItems(ctx, b, all); err != nil {
		return err
	}
	t.printBatch(b, counts)
	said := ""
	if note.ID != "" {
		said = t.say.Say(note)
	}
	return t.outcomeOf(b, counts, said)
}
