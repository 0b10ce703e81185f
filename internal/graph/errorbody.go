package graph

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
)

// graphError is what an error body of Graph says. The message is missing on
// purpose: nothing may depend on it and nobody may see it.
type graphError struct {
	code      string // as in the table of status.go; "" if there is none
	requestID string
}

// errorBody is the JSON of an error. Keys are matched without case, as Graph
// spells innerError in two ways; errorCode is what a nested text may have.
type errorBody struct {
	Error struct {
		Code       string `json:"code"`
		Message    string `json:"message"`
		InnerError struct {
			RequestID string `json:"request-id"`
		} `json:"innerError"`
	} `json:"error"`
	Code      string `json:"code"`
	ErrorCode string `json:"errorCode"`
}

// decodeError reads an error body. HTML, an empty body or JSON of another shape
// leave the code empty. Where the code says nothing and the message is JSON
// itself, what stands in there counts, one level deep.
//
// Source: https://learn.microsoft.com/graph/errors
func decodeError(h http.Header, body []byte) graphError {
	var b errorBody
	_ = json.Unmarshal(body, &b) // best effort: what doesn't fit stays empty
	e := graphError{code: plainCode(b.code()), requestID: plainID(h.Get("request-id"))}
	if e.requestID == "" {
		e.requestID = plainID(b.Error.InnerError.RequestID)
	}
	if e.code != "" && !strings.EqualFold(e.code, "UnknownError") {
		return e
	}
	var nested errorBody
	if json.Unmarshal([]byte(b.Error.Message), &nested) == nil && nested.code() != "" {
		e.code = plainCode(nested.code())
	}
	return e
}

func (b errorBody) code() string {
	for _, code := range []string{b.Error.Code, b.ErrorCode, b.Code} {
		if code != "" {
			return code
		}
	}
	return ""
}

// plainCode returns the last name in a code, without the "Exception" that some
// have: "Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException" is
// ImageNotFound. It is cut at 64 characters and has none but printable ASCII,
// since it is logged.
func plainCode(code string) string {
	code = strings.TrimSpace(strings.Map(printable, code))
	if i := strings.LastIndexAny(code, ".:"); i >= 0 {
		code = code[i+1:]
	}
	return strings.TrimSuffix(code[:min(len(code), 64)], "Exception")
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}

var idShape = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// plainID returns id if it looks like a request-id, which people copy from a
// page into a ticket, and "" otherwise.
func plainID(id string) string {
	if !idShape.MatchString(id) {
		return ""
	}
	return id
}
