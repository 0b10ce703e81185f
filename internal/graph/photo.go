package graph

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/words"
)

// Sizes are the sides, in pixels, in which Microsoft 365 keeps the photo of a
// user or a group. All are square.
//
// Source: https://learn.microsoft.com/graph/api/profilephoto-get
var Sizes = [...]int{48, 64, 96, 120, 240, 360, 432, 504, 648}

const (
	// MaxPhotoBytes is the largest photo that Graph takes, in bytes.
	//
	// Source: https://learn.microsoft.com/graph/api/profilephoto-update
	MaxPhotoBytes = 4 << 20

	// maxImageBytes is the largest photo that is read: what Graph takes, and
	// room for what it makes of it.
	maxImageBytes = 5 << 20

	maxJSONBytes = 256 << 10 // one object has some kB
)

// Info is what Graph tells about a photo without its bytes.
type Info struct {
	Width       int // pixels
	Height      int // pixels
	ETag        string
	ContentType string
}

// Image is a photo: the bytes of a JPEG, PNG or GIF.
type Image struct {
	Bytes       []byte
	ContentType string // by the bytes, whatever Graph declared
}

// Receipt is what a change can be found by at Microsoft's support.
type Receipt struct {
	RequestID       string // Graph's own
	ClientRequestID string // ours
}

// PutPhoto replaces the photo of s with jpeg, which must be a JPEG of at most
// MaxPhotoBytes; accounts without a mailbox take 100,000 bytes.
//
// It fails with fault.SignIn if the token is refused, fault.Forbidden if it
// may not write this photo or the account can't have one, and fault.Busy, with
// RetryAfter, if Graph is throttling. If the request was sent but no answer
// came, IsUnanswered is true of the error: the photo may have been replaced.
func (c *Client) PutPhoto(ctx context.Context, token string, s directory.Subject, jpeg []byte) (Receipt, error) {
	const op = "graph.PutPhoto"
	if len(jpeg) == 0 || len(jpeg) > MaxPhotoBytes {
		return Receipt{}, &fault.Error{Op: op, Kind: fault.TooLarge, Say: words.M("graph.too-large"), Next: fault.NextChoose,
			Err: fmt.Errorf("%d bytes", len(jpeg))}
	}
	return c.change(ctx, token, call{
		op: op, deed: writePhoto, subject: s, method: http.MethodPut, rest: "/photo/$value",
		accept: "*/*", body: jpeg, kind: "image/jpeg", cap: maxErrorBytes,
	})
}

// DeletePhoto removes the photo of s. Graph can do so for users and groups.
//
// It fails as PutPhoto does, with fault.NotAllowed for contacts and teams,
// without asking, and with fault.NotFound (IsNoPhoto) if there is none.
//
// Source: https://learn.microsoft.com/graph/api/profilephoto-delete
func (c *Client) DeletePhoto(ctx context.Context, token string, s directory.Subject) (Receipt, error) {
	const op = "graph.DeletePhoto"
	if !hasSizes(s) {
		return Receipt{}, &fault.Error{Op: op, Kind: fault.NotAllowed, Say: sayNotRemovable}
	}
	return c.change(ctx, token, call{
		op: op, deed: removePhoto, subject: s, method: http.MethodDelete, rest: "/photo/$value",
		accept: "*/*", cap: maxErrorBytes,
	})
}

// change makes a call that changes a photo. A success that comes as a page was
// written by somebody in between, not by Graph: then it is open whether Graph
// ever heard of it.
func (c *Client) change(ctx context.Context, token string, q call) (Receipt, error) {
	a, err := c.do(ctx, token, q)
	if err != nil {
		return Receipt{}, err
	}
	if kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type")); kind == "text/html" {
		return Receipt{}, brokenAnswer(q, a.header, errUnanswered)
	}
	return Receipt{RequestID: plainID(a.header.Get("request-id")), ClientRequestID: a.clientID}, nil
}

// PhotoInfo returns what Graph tells about the largest photo of s.
//
// It fails with fault.NotFound (IsNoPhoto) if there is none.
func (c *Client) PhotoInfo(ctx context.Context, token string, s directory.Subject) (Info, error) {
	q := reading("graph.PhotoInfo", readPhoto, s, "/photo")
	var meta photoMeta
	header, err := c.ask(ctx, token, q, &meta)
	if err != nil {
		return Info{}, err
	}
	return meta.info(q, header)
}

// photoMeta is what Graph writes about a photo.
type photoMeta struct {
	ID          string `json:"id"`
	Width       int    `json:"width"`
	Height      int    `json:"height"`
	ETag        string `json:"@odata.mediaEtag"`
	ContentType string `json:"@odata.mediaContentType"`
}

// info returns what m, the answer to q with header, says.
func (m photoMeta) info(q call, header http.Header) (Info, error) {
	switch {
	case m.ID == "" && m.Width == 0:
		return Info{}, brokenAnswer(q, header, nil)
	case strings.EqualFold(m.ID, "1x1"), m.Width == 1 && m.Height == 1: // Graph's other way to say that there is none
		return Info{}, noPhoto(q, header)
	}
	return Info{Width: m.Width, Height: m.Height, ETag: m.ETag, ContentType: m.ContentType}, nil
}

// PhotoSizes returns the sides, in pixels, in which Graph serves the photo of s:
// none where there is no photo, and one where s has no sizes.
func (c *Client) PhotoSizes(ctx context.Context, token string, s directory.Subject) ([]int, error) {
	if !hasSizes(s) {
		info, err := c.PhotoInfo(ctx, token, s)
		return []int{info.Width}, err
	}
	var got struct {
		Value []struct {
			Width int `json:"width"`
		} `json:"value"`
	}
	if _, err := c.ask(ctx, token, reading("graph.PhotoSizes", readPhoto, s, "/photos"), &got); err != nil {
		return nil, err
	}
	var sizes []int
	for _, v := range got.Value {
		if v.Width > 1 {
			sizes = append(sizes, v.Width)
		}
	}
	slices.Sort(sizes)
	return sizes, nil
}

// Photo returns the photo of s in the given size, one of Sizes, or the largest
// if size is 0. Where Graph hasn't got the size it answers a smaller one.
// Contacts and teams have no sizes: theirs is the largest, whatever size says.
//
// It fails with fault.NotFound (IsNoPhoto) if there is none, and with
// fault.Unavailable if what comes isn't a JPEG, PNG or GIF of at most 5 MB.
func (c *Client) Photo(ctx context.Context, token string, s directory.Subject, size int) (Image, error) {
	q, err := readingPhoto("graph.Photo", s, size)
	if err != nil {
		return Image{}, err
	}
	a, err := c.do(ctx, token, q)
	if err != nil {
		return Image{}, err
	}
	return image(q, a)
}

// readingPhoto returns the call for the photo of s in the given size. It fails
// as Photo does where there is no such size.
func readingPhoto(op string, s directory.Subject, size int) (call, error) {
	q := call{
		op: op, deed: readPhoto, subject: s, method: http.MethodGet, rest: "/photo/$value",
		accept: "image/*, */*;q=0.1", cap: maxImageBytes,
	}
	if size != 0 && !slices.Contains(Sizes[:], size) {
		return call{}, noPhoto(q, nil)
	}
	if size != 0 && hasSizes(s) {
		q.rest = fmt.Sprintf("/photos/%dx%d/$value", size, size)
	}
	return q, nil
}

// image returns the photo that a, the answer to q, holds.
func image(q call, a answer) (Image, error) {
	kind := contentType(a.body)
	if kind == "" {
		return Image{}, brokenAnswer(q, a.header, fmt.Errorf("not a picture: status %d, %d bytes", a.status, len(a.body)))
	}
	if isPlaceholder(a.body, kind) {
		return Image{}, noPhoto(q, a.header)
	}
	return Image{Bytes: a.body, ContentType: kind}, nil
}

// hasSizes reports whether s is of a user or a group: only their photos come in
// several sizes and can be removed.
func hasSizes(s directory.Subject) bool {
	switch s.Form() {
	case directory.FormMe, directory.FormGroup, directory.FormUser:
		return true
	}
	return false
}

// contentType returns the media type of a JPEG, PNG or GIF by its first bytes,
// and "" for everything else: an HTML page or an SVG must never be passed on
// as a photo.
func contentType(body []byte) string {
	switch {
	case bytes.HasPrefix(body, []byte("\xff\xd8\xff")):
		return "image/jpeg"
	case bytes.HasPrefix(body, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png"
	case bytes.HasPrefix(body, []byte("GIF87a")), bytes.HasPrefix(body, []byte("GIF89a")):
		return "image/gif"
	}
	return ""
}

// isPlaceholder reports whether body is the GIF of one pixel that stands for
// no photo.
func isPlaceholder(body []byte, kind string) bool {
	return kind == "image/gif" && len(body) >= 10 &&
		binary.LittleEndian.Uint16(body[6:]) <= 1 && binary.LittleEndian.Uint16(body[8:]) <= 1
}
