package graph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"portrait/internal/directory"
	"portrait/internal/fault"
)

const (
	// MaxBundle is how many photos Photos reads at once.
	//
	// Source: https://learn.microsoft.com/graph/json-batching#batch-size-limitations
	MaxBundle = 20

	// MaxBundleFull is how many of them may be photos in full size, as those of
	// contacts and teams always are. Outlook works at four requests of a $batch
	// at a time, and four answers are at most 20 MB of photos.
	//
	// Source: https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits
	MaxBundleFull = 4

	// maxBundleBytes is the longest answer to a $batch that is read:
	// MaxBundleFull photos in base64, and room for the rest.
	maxBundleBytes = MaxBundleFull*maxImageBytes/3*4 + 1<<20
)

// PhotoAnswer is what came of reading one of several photos: Image, or Err as
// Photo returns it.
type PhotoAnswer struct {
	Image Image
	Err   error
}

// bundle is a $batch on the wire.
//
// Source: https://learn.microsoft.com/graph/json-batching
type bundle struct {
	Requests []bundled `json:"requests"`
}

type bundled struct {
	ID      string            `json:"id"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
}

// unbundled is one answer in a $batch. Bytes come as base64 in a text.
type unbundled struct {
	ID      string          `json:"id"`
	Status  int             `json:"status"`
	Headers map[string]any  `json:"headers"`
	Body    json.RawMessage `json:"body"`
}

// Photos returns the photos of subjects in the given size, as Photo does, in
// one call; answers are in the order of subjects. There may be MaxBundle
// subjects, MaxBundleFull of them in full size.
//
// Photos fails only as a whole, if nothing can be said of any photo. One that
// Graph is too busy for has a fault.Busy, with RetryAfter, in its answer.
func (c *Client) Photos(ctx context.Context, token string, subjects []directory.Subject, size int) ([]PhotoAnswer, error) {
	const op = "graph.Photos"
	calls, full := make([]call, len(subjects)), 0
	answers := make([]PhotoAnswer, len(subjects))
	var b bundle
	for i, s := range subjects {
		q, err := readingPhoto(op, s, size)
		if err != nil {
			answers[i].Err = err
			continue
		}
		if size == 0 || !hasSizes(s) {
			full++
		}
		calls[i] = q
		b.Requests = append(b.Requests, bundled{ID: bundleID(i), Method: q.method, URL: q.below(), Headers: q.header()})
	}
	switch {
	case len(subjects) > MaxBundle || full > MaxBundleFull:
		return nil, &fault.Error{Op: op, Kind: fault.Unexpected, Say: sayOurMistake, Next: fault.NextHelpdesk,
			Err: fmt.Errorf("%d photos, %d of them in full size", len(subjects), full)}
	case len(b.Requests) == 0:
		return answers, nil
	}
	got, err := c.sendBundle(ctx, token, op, b)
	if err != nil {
		return nil, err
	}
	for i := range answers {
		if answers[i].Err == nil {
			c.tellLoad(got[bundleID(i)].Status, got[bundleID(i)].header())
			answers[i].Image, answers[i].Err = got[bundleID(i)].image(calls[i])
		}
	}
	return answers, nil
}

// bundleID is the id in a $batch of the photo at i.
func bundleID(i int) string { return strconv.Itoa(i + 1) }

// sendBundle returns the answers to b, which op asks for, by id.
func (c *Client) sendBundle(ctx context.Context, token, op string, b bundle) (map[string]unbundled, error) {
	body, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	q := call{
		op: op, deed: readMany, method: http.MethodPost, rest: "/$batch",
		accept: "application/json", body: body, kind: "application/json", cap: maxBundleBytes,
	}
	var got struct {
		Responses []unbundled `json:"responses"`
	}
	if _, err := c.ask(ctx, token, q, &got); err != nil {
		return nil, err
	}
	all := make(map[string]unbundled, len(got.Responses))
	for _, u := range got.Responses {
		all[u.ID] = u
	}
	return all, nil
}

// image returns the photo in u, the answer to q in a $batch. A u that is zero
// stands for an answer that is missing.
func (u unbundled) image(q call) (Image, error) {
	h := u.header()
	switch u.Status {
	case 0:
		return Image{}, brokenAnswer(q, nil, fmt.Errorf("the $batch has no answer"))
	case http.StatusOK, http.StatusNoContent:
	default:
		return Image{}, statusFault(q, u.Status, h, u.Body)
	}
	body, err := u.bytes()
	if err != nil {
		return Image{}, brokenAnswer(q, h, err)
	}
	return image(q, answer{status: u.Status, header: h, body: body})
}

func (u unbundled) header() http.Header {
	h := http.Header{}
	for name, value := range u.Headers {
		h.Set(name, fmt.Sprint(value)) // a text, as a rule; a number in Retry-After should count too
	}
	return h
}

// bytes returns what u's body stands for: base64 in either alphabet, padded or
// not.
func (u unbundled) bytes() ([]byte, error) {
	var text string
	if err := json.Unmarshal(u.Body, &text); err != nil {
		return nil, fmt.Errorf("not base64: %w", err)
	}
	if base64.RawStdEncoding.DecodedLen(len(text)) > maxImageBytes {
		return nil, errTooLong
	}
	return decodeBase64(text)
}

// decodeBase64 reads base64 in the standard and the URL alphabet, padded or not.
func decodeBase64(text string) ([]byte, error) {
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	return base64.RawStdEncoding.DecodeString(text)
}
