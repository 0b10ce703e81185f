package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"portrait/internal/demo"
	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

var (
	batchItems = flag.Int("batch-items", 300, "how many items the batch has that is killed")
	batchKills = flag.Int("batch-kills", 5, "how often the program is killed while it works a batch")
)

// killedSlots is how many items of the killed batch are worked at once.
const killedSlots = 4

// TestABatchThatIsKilledLosesNothing kills the program again and again while it
// works a batch. Every item must end, and only what was under way at a kill may
// have been sent twice.
func TestABatchThatIsKilledLosesNothing(t *testing.T) {
	t.Parallel() // it waits most of the time
	storetest.Each(t, func(t *testing.T, database *storetest.Database) {
		t.Parallel()
		p := newProgram(t, database.URL, nil)
		db, err := store.Open(context.Background(), p.config.Database, p.config.Keys)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close() // the test's end
		p.db, p.log = db, &lockedBuffer{}
		s := (&batchSite{testSite: p.testSite, people: filledPeople(p.tenant, *batchItems)}).watching()
		p.kill()
		p.vars["PORTRAIT_APPROVAL_ABOVE"], p.vars["PORTRAIT_GRAPH_SLOTS"] = "0", "4"
		p.start()
		p.tenant.Set(demo.Weather{ReadDelay: -1, Slow: 20 * time.Millisecond})
		id := s.fill(s.person("helpdesk"), *batchItems)
		began := time.Now()
		s.signedIn("helpdesk").press(id, "run")
		for i := range *batchKills {
			s.untilDone(id, int64((i+1)**batchItems/(*batchKills+2)))
			time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond)
			p.kill()
			p.start()
		}
		counts := s.until(id, store.BatchDone)
		sent, right := 0, 0
		for _, n := range s.puts() {
			sent += n
		}
		for n, person := range s.people {
			it, err := db.Item(t.Context(), id, int64(n))
			if err != nil {
				t.Fatal(err)
			}
			if now := sha256.Sum256(p.tenant.Photo(person.ID)); bytes.Equal(now[:], it.NewHash) {
				right++
			}
		}
		again := sent - *batchItems
		if counts.States[store.ItemDone] != int64(*batchItems) || right != *batchItems || again < 0 || again > *batchKills*killedSlots {
			t.Errorf("%d items: %v; %d photos are what the report says, %d sent again", *batchItems, counts.States, right, again)
		}
		t.Logf("%d items and %d kills in %v: %v; %d photos are what the report says, %d were sent again",
			*batchItems, *batchKills, time.Since(began).Round(time.Millisecond), counts.States, right, again)
	})
}
