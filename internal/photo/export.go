package photo

import (
	"archive/zip"
	"context"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
)

// exported is about.json in what a person downloads: all that is kept about them
// but pictures, which are files beside it.
type exported struct {
	Tenant directory.ID      `json:"tenant"`
	Person directory.ID      `json:"person"`
	At     time.Time         `json:"exportedAt"`
	Drafts []exportedChange  `json:"changes"` // of the last 24 hours
	Past   []exportedPicture `json:"earlierPhotos"`
	Told   []Told            `json:"told"`
}

type exportedChange struct {
	Photo   string    `json:"photo"`
	Act     string    `json:"act"`
	State   string    `json:"state"`
	Ordered time.Time `json:"orderedAt"`
	Reason  string    `json:"reason,omitempty"`
	File    string    `json:"file,omitempty"`
}

type exportedPicture struct {
	Replaced time.Time `json:"replacedAt"`
	SHA256   string    `json:"sha256"`
	File     string    `json:"file"`
}

// Export writes a zip with everything that is kept about actor: what they changed
// in the last 24 hours, the photos that they had, and what they are told. It
// writes nothing if it fails before the first byte.
func (s *Service) Export(ctx context.Context, actor directory.Actor, w io.Writer, o Order) error {
	r, err := s.request(ctx, actor, export, directory.Me(), "")
	if err != nil {
		return err
	}
	drafts, err := s.Store.DraftsOf(ctx, actor.Tenant, actor.ID)
	if err != nil {
		return err
	}
	pasts, err := s.Store.Pasts(ctx, r.key())
	if err != nil {
		return err
	}
	told, err := s.toldTo(ctx, r)
	if err != nil {
		return err
	}
	if err := s.noteLook(ctx, r, o); err != nil {
		return err
	}
	z := zip.NewWriter(w)
	about := exported{Tenant: actor.Tenant, Person: actor.ID, At: s.Now().UTC(), Told: told}
	if about.Drafts, err = exportDrafts(z, drafts); err != nil {
		return err
	}
	if about.Past, err = s.exportPasts(ctx, z, r, pasts); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(about, "", "\t")
	if err != nil {
		return err
	}
	if err := addFile(z, "about.json", raw); err != nil {
		return err
	}
	return z.Close()
}

func exportDrafts(z *zip.Writer, drafts []store.Draft) ([]exportedChange, error) {
	var all []exportedChange
	for i, d := range drafts {
		c, err := opened(d)
		if err != nil {
			return nil, err
		}
		e := exportedChange{Photo: d.Photo.String(), Act: d.Act, State: d.State, Ordered: d.Created.UTC(), Reason: c.details.Reason}
		if len(d.Picture) > 0 {
			e.File = fileName("changes", i, d.Created)
			if err := addFile(z, e.File, d.Picture); err != nil {
				return nil, err
			}
		}
		all = append(all, e)
	}
	return all, nil
}

func (s *Service) exportPasts(ctx context.Context, z *zip.Writer, r request, pasts []store.Past) ([]exportedPicture, error) {
	var all []exportedPicture
	for i, listed := range pasts {
		p, err := s.past(ctx, r, listed.ID)
		if fault.Is(err, fault.NotFound) {
			continue // it was deleted meanwhile, or its key has left the ring
		}
		if err != nil {
			return nil, err // what is called everything is everything
		}
		e := exportedPicture{Replaced: p.Replaced.UTC(), SHA256: p.ETag, File: fileName("earlier", i, p.Replaced)}
		if err := addFile(z, e.File, p.Picture); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// fileName is made by us alone: nothing that anybody typed is in it.
func fileName(folder string, i int, at time.Time) string {
	return folder + "/" + at.UTC().Format("2006-01-02-150405") + "-" + strconv.Itoa(i+1) + ".jpg"
}

func addFile(z *zip.Writer, name string, body []byte) error {
	f, err := z.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	return err
}
