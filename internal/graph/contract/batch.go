package contract

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// batchRequest and batchAnswer are the parts of a $batch.
//
// Source: https://learn.microsoft.com/graph/json-batching
type batchRequest struct {
	ID      string            `json:"id"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

type batchAnswer struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

// checkBatch holds each request and answer of a $batch against the
// description, and both lists against each other.
func checkBatch(version string, reqBody []byte, status int, body []byte) error {
	var asked struct {
		Requests []batchRequest `json:"requests"`
	}
	if err := json.Unmarshal(reqBody, &asked); err != nil {
		return err
	}
	answers, err := batchAnswers(status, body)
	if err != nil {
		return err
	}
	var wrong []error
	seen := map[string]bool{}
	for _, q := range asked.Requests {
		id := strings.ToLower(q.ID)
		if seen[id] {
			wrong = append(wrong, fmt.Errorf("id %q stands there twice", q.ID))
		}
		seen[id] = true
		a, ok := answers[id]
		if !ok && status == http.StatusOK {
			wrong = append(wrong, fmt.Errorf("id %q has no answer", q.ID))
		}
		wrong = append(wrong, checkPart(version, q, a))
	}
	for id := range answers {
		if !seen[id] {
			wrong = append(wrong, fmt.Errorf("the answer %q was never asked for", id))
		}
	}
	return errors.Join(wrong...)
}

// batchAnswers returns the answers by id, in lower case; none if the $batch as
// a whole was refused.
func batchAnswers(status int, body []byte) (map[string]batchAnswer, error) {
	if status != http.StatusOK {
		return nil, nil
	}
	var got struct {
		Responses []batchAnswer `json:"responses"`
	}
	if err := json.Unmarshal(body, &got); err != nil {
		return nil, err
	}
	all := map[string]batchAnswer{}
	for _, a := range got.Responses {
		id := strings.ToLower(a.ID)
		if _, twice := all[id]; twice {
			return nil, fmt.Errorf("id %q is answered twice", a.ID)
		}
		all[id] = a
	}
	return all, nil
}

// checkPart holds one request of a $batch and its answer, whose status is 0 if
// there is none, against the description.
func checkPart(version string, q batchRequest, a batchAnswer) error {
	if !strings.HasPrefix(q.URL, "/") || strings.HasPrefix(q.URL, "/$batch") {
		return fmt.Errorf("id %q asks for %q, want an address below the version", q.ID, q.URL)
	}
	sent, err := content(q.Body)
	if err != nil {
		return fmt.Errorf("id %q: %w", q.ID, err)
	}
	got, err := content(a.Body)
	if err != nil {
		return fmt.Errorf("the answer %q: %w", a.ID, err)
	}
	req, err := http.NewRequest(q.Method, version+q.URL, bytes.NewReader(sent))
	if err != nil {
		return fmt.Errorf("id %q: %w", q.ID, err)
	}
	req.Header = header(q.Headers)
	return Validate(req, sent, a.Status, header(a.Headers), got)
}

func header(pairs map[string]string) http.Header {
	h := http.Header{}
	for name, value := range pairs {
		h.Set(name, value)
	}
	return h
}

// content returns the bytes that a body in a $batch stands for: what isn't JSON
// is base64 in a text, in either alphabet.
func content(body json.RawMessage) ([]byte, error) {
	if len(body) == 0 || string(body) == "null" {
		return nil, nil
	}
	if body[0] != '"' {
		return body, nil
	}
	var text string
	if err := json.Unmarshal(body, &text); err != nil {
		return nil, err
	}
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	return base64.RawStdEncoding.DecodeString(text)
}
