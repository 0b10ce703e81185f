package graph_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
)

// errWrong says that Graph answered, but not what it should have.
var errWrong = errors.New("the answer isn't what was asked for")

// first returns err, or errWrong if the answer is wrong.
func first(err error, wrong bool) error {
	if err == nil && wrong {
		return errWrong
	}
	return err
}

// settle is how long Graph may take until a photo that was written can be read.
const settle = 30 * time.Second

// photos are the calls about photos, for every path form: it is written, read
// in each way, and removed where that can be.
func (g ground) photos(t *testing.T, c *graph.Client) []operation {
	t.Helper()
	picture := square(t)
	var all []operation
	for _, p := range []struct {
		of    string
		token string
		needs []directory.ID
		sized bool // Graph has sizes, and removes
		make  func() (directory.Subject, error)
	}{
		{"of mine", g.person, nil, true, func() (directory.Subject, error) { return directory.Me(), nil }},
		{"of a user", g.app, []directory.ID{g.user}, true, func() (directory.Subject, error) { return directory.OfUser(g.user) }},
		{"of a group", g.person, []directory.ID{g.group}, true, func() (directory.Subject, error) { return directory.OfGroup(g.group) }},
		{"of a team", g.person, []directory.ID{g.team}, false, func() (directory.Subject, error) { return directory.OfTeam(g.team) }},
		{"of a contact of mine", g.person, []directory.ID{g.contact}, false, func() (directory.Subject, error) { return directory.MyContact(g.contact) }},
		{"of a contact in a folder of mine", g.person, []directory.ID{g.folder, g.contact}, false, func() (directory.Subject, error) {
			return directory.MyFolderContact(g.folder, g.contact)
		}},
		{"of a contact in a mailbox", g.person, []directory.ID{g.mailbox, g.mailboxContact}, false, func() (directory.Subject, error) {
			return directory.UserContact(g.mailbox, g.mailboxContact)
		}},
		{"of a contact in a folder of a mailbox, as the app", g.app, []directory.ID{g.mailbox, g.mailboxFolder, g.mailboxContact}, false, func() (directory.Subject, error) {
			return directory.UserFolderContact(g.mailbox, g.mailboxFolder, g.mailboxContact)
		}},
	} {
		on := func(method string, call func(context.Context, string, directory.Subject) error) {
			all = append(all, operation{method, p.of, p.needs, p.token, func(ctx context.Context, token string) error {
				s, err := p.make()
				if err != nil {
					return err
				}
				return call(ctx, token, s)
			}})
		}
		on("PutPhoto", func(ctx context.Context, token string, s directory.Subject) error {
			_, err := c.PutPhoto(ctx, token, s, picture)
			return err
		})
		on("PhotoInfo", func(ctx context.Context, token string, s directory.Subject) error {
			return eventually(ctx, func() error {
				info, err := c.PhotoInfo(ctx, token, s)
				return first(err, info.Width == 0)
			})
		})
		on("PhotoSizes", func(ctx context.Context, token string, s directory.Subject) error {
			return eventually(ctx, func() error {
				sizes, err := c.PhotoSizes(ctx, token, s)
				return first(err, len(sizes) == 0)
			})
		})
		on("Photo", func(ctx context.Context, token string, s directory.Subject) error {
			return eventually(ctx, func() error {
				image, err := c.Photo(ctx, token, s, 0)
				return first(err, len(image.Bytes) == 0)
			})
		})
		size := 0
		if p.sized {
			size = 96
		}
		on("Photos", func(ctx context.Context, token string, s directory.Subject) error {
			return eventually(ctx, func() error {
				answers, err := c.Photos(ctx, token, []directory.Subject{s}, size)
				if err != nil || len(answers) != 1 {
					return first(err, true)
				}
				return first(answers[0].Err, len(answers[0].Image.Bytes) == 0)
			})
		})
		if p.sized {
			on("DeletePhoto", func(ctx context.Context, token string, s directory.Subject) error {
				_, err := c.DeletePhoto(ctx, token, s)
				return err
			})
		}
	}
	return all
}

// eventually calls read until it finds the photo, which Graph doesn't at once.
func eventually(ctx context.Context, read func() error) error {
	until := time.Now().Add(settle)
	for {
		err := read()
		if err == nil || !graph.IsNoPhoto(err) && !fault.Is(err, fault.NotFound) || time.Now().After(until) {
			return err
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return err
		}
	}
}

// square is a plain picture of 648 pixels.
func square(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 648, 648))
	for i := range img.Pix {
		img.Pix[i] = 0x80
	}
	img.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
