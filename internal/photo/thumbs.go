package photo

import (
	"context"
	"slices"
	"time"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/graph"
	"portrait/internal/words"
)

// Image is a photo as it is shown: the bytes of a JPEG, PNG or GIF.
type Image = graph.Image

const (
	foundAge   = time.Minute // how old a picture in a list may be
	missingAge = time.Hour   // and that there is none: lists ask for those again and again

	// thumbOverhead is what an entry takes beside its picture, in bytes.
	thumbOverhead = 400
)

// thumbKey says which picture, in which size, as seen with whose token: what
// one may see isn't shown to another.
type thumbKey struct {
	viewer directory.ID // "" = Portrait's own identity
	photo  directory.PhotoKey
	size   int // pixels

	version int64 // of the photo, by the database: a change in any replica makes another key
}

// thumb is a picture, or the fault that says that there is none.
type thumb struct {
	image   graph.Image
	missing error
}

// Image returns the photo of subject in a size of graph.Sizes, or the largest if
// size is 0, as Graph has it now.
//
// It fails with fault.NotFound if there is none, and with fault.Forbidden if
// actor may not see it.
func (s *Service) Image(ctx context.Context, actor directory.Actor, subject directory.Subject, size int) (graph.Image, error) {
	r, err := s.request(ctx, actor, see, subject, "")
	if err != nil {
		return graph.Image{}, err
	}
	var image graph.Image
	err = s.withToken(ctx, r, func(token string) error {
		return s.inSlot(ctx, turn{}, func(ctx context.Context) (err error) {
			image, err = s.Graph.Photo(ctx, token, r.subject, size)
			return err
		})
	})
	if err != nil || size == 0 {
		return image, err
	}
	return s.fit(ctx, r.subject, image, size)
}

// ThumbnailOf is Image for lists: it may be a minute old, and what a page wants
// at the same time is fetched together. A size of 0 is as good as Image.
//
// Besides as Image does it fails with fault.Busy and RetryAfter if Graph is
// throttling; it waits for its turn alone.
func (s *Service) ThumbnailOf(ctx context.Context, actor directory.Actor, subject directory.Subject, size int) (graph.Image, error) {
	if size == 0 {
		return s.Image(ctx, actor, subject, 0)
	}
	if !slices.Contains(graph.Sizes[:], size) {
		return graph.Image{}, &fault.Error{Op: "photo.ThumbnailOf", Kind: fault.NotFound, Say: words.M("photo.absent")}
	}
	r, err := s.request(ctx, actor, see, subject, "")
	if err != nil {
		return graph.Image{}, err
	}
	version, err := s.Store.PhotoVersion(ctx, r.key())
	if err != nil {
		return graph.Image{}, err
	}
	key := thumbKey{viewer: r.actor.ID, photo: r.key(), size: size, version: version}
	if actsAsApp(r.actor, r.act, r.subject) {
		key.viewer = ""
	}
	got, err := s.memories().thumbs.get(ctx, key, func(ctx context.Context) (answer[thumb], error) {
		return s.askThumb(ctx, r, size)
	})
	if err == nil {
		err = got.missing
	}
	return got.image, err
}

// askThumb fetches a picture in the next batch.
func (s *Service) askThumb(ctx context.Context, r request, size int) (answer[thumb], error) {
	wanted := size
	if oneSize(r.subject) {
		wanted = 0
	}
	var image graph.Image
	err := s.withToken(ctx, r, func(token string) (err error) {
		image, err = s.memories().page.photo(ctx, gathering{token, wanted}, r.subject)
		return err
	})
	if graph.IsNoPhoto(err) {
		return answer[thumb]{value: thumb{missing: err}, keep: missingAge, weight: thumbOverhead}, nil
	}
	if err == nil {
		image, err = s.fit(ctx, r.subject, image, size)
	}
	return answer[thumb]{value: thumb{image: image}, keep: foundAge, weight: int64(len(image.Bytes)) + thumbOverhead}, err
}

// photos is graph.Photos when its turn has come. A $batch takes one slot: at most
// four of its parts are worked at together, and if that is too many, each part
// that is refused counts as any other call.
func (s *Service) photos(ctx context.Context, token string, subjects []directory.Subject, size int) ([]graph.PhotoAnswer, error) {
	var answers []graph.PhotoAnswer
	err := s.inSlot(ctx, turn{}, func(ctx context.Context) (err error) {
		answers, err = s.Graph.Photos(ctx, token, subjects, size)
		for _, a := range answers {
			if graph.IsThrottled(a.Err) {
				return a.Err
			}
		}
		return err
	})
	if answers != nil { // whatever became of one of them
		return answers, nil
	}
	return nil, err
}

// fit makes image, the photo of subject as Graph sent it, as small as size where
// Graph has no sizes.
func (s *Service) fit(ctx context.Context, subject directory.Subject, image graph.Image, size int) (graph.Image, error) {
	if !oneSize(subject) {
		return image, nil
	}
	jpeg, err := s.Pictures.Thumbnail(ctx, image.Bytes, size)
	if fault.Is(err, fault.Busy) {
		return graph.Image{}, err
	}
	if err != nil { // somebody put a picture there that we don't take: not the viewer's mistake, nor their choice
		return graph.Image{}, &fault.Error{Op: "photo.fit", Kind: fault.Unavailable, Say: words.M("graph.broken-answer"), Err: err}
	}
	return graph.Image{Bytes: jpeg, ContentType: "image/jpeg"}, nil
}

// oneSize reports whether Graph keeps the photo of subject in one size alone:
// those of contacts, and of teams under that address.
//
// Source: https://learn.microsoft.com/graph/api/profilephoto-get
func oneSize(subject directory.Subject) bool {
	return subject.Contact() != "" || subject.Form() == directory.FormTeam
}

// changed forgets every picture of photo, here and in other replicas.
func (s *Service) changed(ctx context.Context, photo directory.PhotoKey) {
	s.memories().thumbs.forget(func(k thumbKey) bool { return k.photo == photo })
	// The change is made, whether or not it can be told: others then see the old
	// picture until foundAge or missingAge is over. Nor does it matter to them
	// that whoever made it has left.
	_ = s.Store.BumpPhoto(context.WithoutCancel(ctx), photo)
}
