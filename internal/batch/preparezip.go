package batch

import (
	"context"
	"crypto/sha256"
	"io"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/words"
)

// AddZip adds the pictures of a zip and the CSV in it, if there is one. All of
// the zip is looked at before anything of it is kept. A zip that is sent again
// adds what isn't there yet.
//
// It fails as OpenArchive and Verify do, with nothing kept; as ReadTable does
// for a bad CSV; with fault.TooLarge if the batch would have more than MaxFiles;
// and with the error of r.
func (s *Service) AddZip(ctx context.Context, actor directory.Actor, id string, r io.Reader) error {
	_, b, err := s.open(ctx, actor, id)
	if err != nil {
		return err
	}
	// A file of its own for each zip: two may be on their way for one batch.
	spoolID, key := store.NewBatchID(), NewSpoolKey()
	if _, err := s.Spool.Write(spoolID, key, r); err != nil {
		return err
	}
	defer s.Spool.Remove(spoolID) // what stays behind is swept, and nobody has its key
	f, err := s.Spool.Open(spoolID, key)
	if err != nil {
		return err
	}
	defer f.Close() // it was only read
	a, err := OpenArchive(f, f.Size())
	if err != nil {
		return err
	}
	if err := a.Verify(ctx); err != nil {
		return err
	}
	table, err := a.table()
	if err != nil {
		return err
	}
	if err := s.addEntries(ctx, b.ID, a); err != nil || table == nil {
		return err
	}
	return said("batch.AddZip", s.Store.PutBatchTable(ctx, b.ID, table))
}

// table returns the CSV in a, nil where there is none. It fails if it can't be
// read, or if there are several.
func (a *Archive) table() ([]byte, error) {
	var table []byte
	for i, e := range a.Entries {
		if !e.Table || e.Skip.ID != "" {
			continue
		}
		if table != nil {
			return nil, zipFault("batch.AddZip", fault.Unreadable, words.M("batch.zip-two-tables"), nil)
		}
		body, err := a.Read(i)
		if err != nil {
			return nil, err
		}
		if _, err := ReadTable(body); err != nil {
			return nil, err
		}
		table = body
	}
	return table, nil
}

// addEntries adds the pictures of a behind those that are there, and what was
// skipped as items that say why.
func (s *Service) addEntries(ctx context.Context, id string, a *Archive) error {
	shelf, err := s.shelf(ctx, id)
	if err != nil {
		return err
	}
	if shelf.last+int64(len(a.Entries)) > MaxFiles {
		return zipFault("batch.AddZip", fault.TooLarge, words.M("batch.too-many", "Max", MaxFiles), nil)
	}
	for i, e := range a.Entries {
		if e.Skip.ID == "" && e.Table || e.Skip.ID == "batch.skip-system" {
			continue // what computers leave beside pictures is nobody's
		}
		body, err := a.Read(i)
		if err != nil {
			return err
		}
		if err := s.addNext(ctx, id, &shelf, e.Name, body, a.Entries[i].Skip); err != nil {
			return err
		}
	}
	return nil
}

// shelf is what a batch has, so that files without numbers find their place and
// none is there twice when they are sent again.
type shelf struct {
	last int64
	has  map[string]bool // name and hash
}

func (s *Service) shelf(ctx context.Context, id string) (shelf, error) {
	items, err := s.Store.Items(ctx, id, 0, MaxFiles)
	sh := shelf{has: map[string]bool{}}
	for _, it := range items {
		sh.last = max(sh.last, it.N)
		sh.has[it.Name+"\x00"+string(it.Hash)] = true
	}
	return sh, err
}

// addNext adds a file behind the last one, unless it is there.
func (s *Service) addNext(ctx context.Context, id string, sh *shelf, name string, body []byte, skip words.Message) error {
	name = shownName(name)
	whole, nothing := sha256.Sum256(body), sha256.Sum256(nil) // what can't be read is kept without its bytes
	if sh.has[name+"\x00"+string(whole[:])] || sh.has[name+"\x00"+string(nothing[:])] {
		return nil
	}
	if err := s.put(ctx, id, sh.last+1, name, body, skip); err != nil {
		return err
	}
	sh.last++
	sh.has[name+"\x00"+string(whole[:])] = true
	return nil
}

// Append adds a picture behind the last one, unless the same is there: a form
// without scripts counts nothing. It fails as AddFile does.
func (s *Service) Append(ctx context.Context, actor directory.Actor, id, name string, body []byte) error {
	_, b, err := s.open(ctx, actor, id)
	if err != nil {
		return err
	}
	sh, err := s.shelf(ctx, b.ID)
	if err != nil {
		return err
	}
	return s.addNext(ctx, b.ID, &sh, name, body, words.Message{})
}
