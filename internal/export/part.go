package export

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/photo"
	"portrait/internal/store"
	"portrait/internal/words"
)

const (
	// atOnce is how many $batches of photos are asked for side by side: more than
	// a slot or two they get only while nobody else wants them.
	atOnce = 4

	// chunk is how many people are looked at together: as many as atOnce takes.
	chunk = atOnce * photo.MaxTaken

	// patience is how long the next photos may be waited for while Graph is busy.
	// The browser sees nothing meanwhile.
	patience = 2 * time.Minute

	// manifest is the name of the CSV in the zip.
	manifest = "manifest.csv"
)

// columns are those of the manifest. The first two are what a batch goes by.
var columns = []string{"userPrincipalName", "file", "result", "displayName", "mail", "department", "bytes", "sha256", "id"}

// What stands in the column result.
const (
	resultPhoto  = "photo"
	resultNone   = "no photo"
	resultFailed = "not read" // Graph wouldn't say, however often it was asked
	resultGone   = "no such person"
)

// Out is where a zip goes. All its fields must be set.
type Out struct {
	Begin func() io.Writer                         // called once, when nothing stands in the way any more
	Row   func(to io.Writer, cells []string) error // writes a row of a CSV
	Alive func()                                   // called when more is about to be written
}

// Part writes a part of an export, from 1, as a zip. Nothing is written if it
// fails before the first byte; what fails later ends the zip early, and the part
// can be asked for again.
//
// It fails with fault.NotFound if there is no such part, or the export has run
// out, and with fault.Conflict if it isn't approved.
func (s *Service) Part(ctx context.Context, actor directory.Actor, id string, part int64, from photo.Origin, out Out) error {
	actor, sh, err := s.mayTake(ctx, actor, id, part)
	if err != nil {
		return err
	}
	people, err := s.Store.ExportPeople(ctx, sh.Export, part)
	if err != nil {
		return err
	}
	t := &taking{s: s, actor: actor, reason: sh.Reason, out: out, names: map[string]bool{}}
	first, err := t.read(ctx, people[:min(len(people), chunk)]) // what is refused is refused before anything is sent
	if err != nil {
		return err
	}
	err = s.Store.Tx(ctx, func(tx *store.Tx) error {
		return s.Photo.NoteHandOut(ctx, tx, actor, handed, photo.HandOut{
			Outcome: "done", Reason: sh.Reason, Item: "export/" + id + "/" + strconv.FormatInt(part, 10), Of: sh.Whose.String(), Origin: from,
		})
	})
	if err != nil {
		return err
	}
	t.zip = zip.NewWriter(out.Begin())
	if err := t.all(ctx, first, people[len(first):]); err != nil {
		return err
	}
	return s.Store.TakePart(context.WithoutCancel(ctx), id, part, actor.ID, s.Now())
}

// mayTake returns the export of a part that actor may have.
func (s *Service) mayTake(ctx context.Context, actor directory.Actor, id string, part int64) (directory.Actor, Shown, error) {
	const op = "export.Part"
	actor, sh, err := s.find(ctx, actor, id)
	switch {
	case err != nil:
		return actor, sh, err
	case sh.Over:
		err = &fault.Error{Op: op, Kind: fault.NotFound, Say: words.M("export.over"), Next: fault.NextHome}
	case part < 1 || part > sh.Parts():
		err = &fault.Error{Op: op, Kind: fault.NotFound, Say: words.M("export.none"), Next: fault.NextHome}
	case sh.NeedsApproval:
		err = &fault.Error{Op: op, Kind: fault.Conflict, Say: words.M("export.unapproved"), Next: fault.NextHelpdesk}
	}
	return actor, sh, err
}

// taking is a part on its way.
type taking struct {
	s      *Service
	actor  directory.Actor
	reason string
	out    Out
	zip    *zip.Writer
	rows   [][]string
	names  map[string]bool // of files, so that none is there twice
}

// one is somebody's photo.
type one struct {
	photo.Taken
	person directory.Person
	id     directory.ID
}

// all writes what was read first, then the others, then the manifest.
func (t *taking) all(ctx context.Context, first []one, people []directory.ID) error {
	for read := first; ; {
		t.out.Alive()
		for _, o := range read {
			if err := t.add(o); err != nil {
				return err
			}
		}
		if err := t.zip.Flush(); err != nil {
			return err
		}
		if len(people) == 0 {
			break
		}
		var err error
		if read, err = t.read(ctx, people[:min(len(people), chunk)]); err != nil {
			return err
		}
		people = people[len(read):]
	}
	to, err := t.zip.CreateHeader(&zip.FileHeader{Name: manifest, Method: zip.Deflate, Modified: t.s.Now()})
	if err != nil {
		return err
	}
	for _, row := range append([][]string{columns}, t.rows...) {
		if err := t.out.Row(to, row); err != nil {
			return err
		}
	}
	return t.zip.Close()
}

// read returns the photos of people, at most chunk, with who they are.
func (t *taking) read(ctx context.Context, people []directory.ID) ([]one, error) {
	who, err := t.s.Photo.PeopleWith(ctx, t.actor, people)
	if err != nil {
		return nil, err
	}
	read := make([]one, len(people))
	for i, id := range people {
		read[i] = one{person: who[i], id: id}
	}
	var wait sync.WaitGroup
	failed := make([]error, atOnce)
	for n := range atOnce {
		some := read[min(n*photo.MaxTaken, len(read)):min((n+1)*photo.MaxTaken, len(read))]
		wait.Go(func() { failed[n] = t.take(ctx, some) })
	}
	wait.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return read, nil
}

// take reads the photos of some people, at most photo.MaxTaken; those that Graph
// is too busy for again, while patience lasts.
func (t *taking) take(ctx context.Context, some []one) error {
	var left []*one
	for i := range some {
		if some[i].person.ID != "" {
			left = append(left, &some[i])
		}
	}
	waited, wait := time.Duration(0), time.Second
	for len(left) > 0 {
		ids := make([]directory.ID, len(left))
		for i, o := range left {
			ids[i] = o.id
		}
		asked := time.Duration(0)
		taken, err := t.s.Photo.TakePhotos(ctx, t.actor, t.reason, ids)
		if err != nil && !isPassing(err) {
			return err
		}
		var again []*one
		for i, o := range left {
			if err == nil {
				o.Taken = taken[i]
			} else {
				o.Err = err
			}
			if isPassing(o.Err) {
				again, asked = append(again, o), max(asked, fault.As(o.Err).RetryAfter)
			}
		}
		left = again
		pause := max(asked, wait)
		if waited += pause; len(left) == 0 || waited > patience {
			return nil // what is still open says so in the manifest
		}
		if err := t.s.Sleep(ctx, pause); err != nil {
			return err
		}
		wait *= 2
	}
	return nil
}

// isPassing reports whether err may be gone the next time.
func isPassing(err error) bool {
	return fault.Is(err, fault.Busy) || fault.Is(err, fault.Unavailable) || fault.Is(err, fault.Timeout)
}

// add writes o into the zip and remembers its row.
func (t *taking) add(o one) error {
	row := []string{o.person.UPN, "", resultPhoto, o.person.DisplayName, o.person.Mail, o.person.Department, "", "", string(o.id)}
	defer func() { t.rows = append(t.rows, row) }()
	switch {
	case o.person.ID == "":
		row[2] = resultGone
		return nil
	case photo.IsNoPhoto(o.Err):
		row[2] = resultNone
		return nil
	case o.Err != nil:
		row[2] = resultFailed
		return nil
	}
	sum := sha256.Sum256(o.Image.Bytes)
	row[1], row[6], row[7] = t.fileName(o), strconv.Itoa(len(o.Image.Bytes)), hex.EncodeToString(sum[:])
	// Stored as it is: a JPEG gets no smaller.
	to, err := t.zip.CreateHeader(&zip.FileHeader{Name: row[1], Method: zip.Store, Modified: t.s.Now()})
	if err != nil {
		return err
	}
	_, err = to.Write(o.Image.Bytes)
	return err
}

// endings are how files of a media type are called.
var endings = map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif"}

// fileName returns a name for o that every computer takes, and a batch finds its
// person by without the manifest.
func (t *taking) fileName(o one) string {
	stem := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("._-@", r) {
			return r
		}
		return '_'
	}, strings.ToLower(o.person.UPN))
	stem = "photos/" + strings.Trim(stem, ".")
	name := stem + endings[o.Image.ContentType]
	for n := 2; t.names[name]; n++ {
		name = stem + "-" + strconv.Itoa(n) + endings[o.Image.ContentType]
	}
	t.names[name] = true
	return name
}
