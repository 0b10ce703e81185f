package batch

import (
	"context"
	"time"

	"portrait/internal/directory"
	"portrait/internal/store"
	"portrait/internal/words"
)

// progressRows is how many rows a page of a batch's results has.
const progressRows = 100

// Progress is how far a batch has come, as its rows in the database say: it is
// as true after a restart as before.
type Progress struct {
	State string           // store.BatchState
	Note  words.Message    // why it is paused, without an id where there is nothing to say
	Count map[string]int64 // of items, by store.ItemState
	Total int64            // of all items: the sum of Count

	Rows []Result
	Next int64 // the after of the next page, 0 = there is none
}

// Ended is how many items have ended.
func (p Progress) Ended() int64 {
	return p.Total - p.Count[string(store.ItemOpen)] - p.Count[string(store.ItemWorking)]
}

// Result is what became of an item.
type Result struct {
	N        int64
	File     string
	Name     string // of the person
	UPN      string
	Person   directory.ID
	State    string        // store.ItemState
	Sentence words.Message // what became of it, without an id before it has ended
	Tries    int64
	Ended    time.Time
}

// Progress returns how far batch id has come, with the results of the items after
// the given number; -1 is the first page. It fails as find does.
func (s *Service) Progress(ctx context.Context, actor directory.Actor, id string, after int64) (Progress, error) {
	_, b, err := s.find(ctx, actor, id)
	if err != nil {
		return Progress{}, err
	}
	counts, err := s.Store.CountItems(ctx, id)
	if err != nil {
		return Progress{}, err
	}
	p := Progress{State: string(b.State), Count: map[string]int64{}, Total: counts.Total}
	for state, n := range counts.States {
		p.Count[string(state)] = n
	}
	if p.Note, err = DecodeMessage(b.Note); err != nil {
		return p, err
	}
	items, err := s.Store.Items(ctx, id, after, progressRows)
	if err != nil {
		return p, err
	}
	for _, it := range items {
		r, err := resultOf(it)
		if err != nil {
			return p, err
		}
		p.Rows = append(p.Rows, r)
	}
	if len(items) == progressRows {
		p.Next = items[len(items)-1].N
	}
	return p, nil
}

func resultOf(it store.Item) (Result, error) {
	found, err := DecodeFound(it.Found)
	if err != nil {
		return Result{}, err
	}
	sentence, err := DecodeMessage(it.Result)
	return Result{
		N: it.N, File: it.Name, Name: found.Name, UPN: found.UPN, Person: it.Person, State: string(it.State),
		Sentence: sentence, Tries: it.Tries, Ended: it.Ended,
	}, err
}
