// Package contract holds what is said between Portrait and Graph against our
// own OpenAPI description of Graph, ../testdata/openapi.yaml.
//
// In nearly every test the Graph at the other end of the wire is ours too, and
// two ends by the same hand can agree on a Graph that doesn't exist: a property
// that $select misspells, a number where Graph sends a text. The description
// was put together from Microsoft's published metadata and pages and knows
// neither end, so that both are held against something else than each other.
//
//	Client → Transport → Handler → a Graph of the tests
//	             ↘           ↙
//	               Validate
//
// It is for tests alone and works where they run: inside the repository.
package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// Validate returns what is wrong with one request to Graph, whose body was
// reqBody, and with its answer; nil if nothing is. Only the path, the query and
// the headers of req count, not its host nor what stands in its path before
// the version. A status of 0 stands for no answer: the request alone counts.
//
// A $batch is held against the description as a whole, and so is each request
// and each answer in it.
func Validate(req *http.Request, reqBody []byte, status int, header http.Header, body []byte) error {
	d, err := load()
	if err != nil {
		return err
	}
	version, path, ok := cutVersion(req.URL)
	if !ok {
		return fmt.Errorf("contract: %s %s is no address of Graph", req.Method, req.URL.EscapedPath())
	}
	route, params, err := d.find(req.Method, version, path)
	if err != nil {
		return err
	}
	in := &openapi3filter.RequestValidationInput{
		Request: rebuilt(req, reqBody), PathParams: params, Route: route, Options: options(),
	}
	err = errors.Join(
		openapi3filter.ValidateRequest(in.Request.Context(), in),
		checkQuery(in.Request, route),
		checkConsistency(in.Request),
		checkAnswer(in, status, header, body),
	)
	if strings.EqualFold(path, "/$batch") && err == nil {
		err = checkBatch(version, reqBody, status, body)
	}
	if err != nil {
		return fmt.Errorf("contract: %s %s, answered %d: %w", req.Method, req.URL.EscapedPath(), status, err)
	}
	return nil
}

func options() *openapi3filter.Options {
	return &openapi3filter.Options{
		AuthenticationFunc:                openapi3filter.NoopAuthenticationFunc, // whose token it is shows in no description
		IncludeResponseStatus:             true,
		RejectWhenRequestBodyNotSpecified: true,
		SkipSettingDefaults:               true,
		MultiError:                        true,
	}
}

// checkAnswer holds the answer against what the operation declares.
func checkAnswer(in *openapi3filter.RequestValidationInput, status int, header http.Header, body []byte) error {
	if status == 0 {
		return nil
	}
	return openapi3filter.ValidateResponse(in.Request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: status, Header: header,
		Body: io.NopCloser(bytes.NewReader(body)), Options: in.Options,
	})
}

// rebuilt returns req with reqBody unread.
func rebuilt(req *http.Request, reqBody []byte) *http.Request {
	again := req.Clone(context.WithoutCancel(req.Context()))
	again.Body, again.ContentLength = http.NoBody, int64(len(reqBody))
	if len(reqBody) > 0 {
		again.Body = io.NopCloser(bytes.NewReader(reqBody))
	}
	return again
}

// cutVersion parts the escaped path of u behind the version: "/v1.0" and
// "/me/photo".
func cutVersion(u *url.URL) (version, path string, ok bool) {
	whole := u.EscapedPath()
	for _, version := range []string{"/v1.0", "/beta"} {
		if _, path, ok := strings.Cut(whole, version+"/"); ok {
			return version, "/" + path, true
		}
	}
	return "", "", false
}

// checkQuery refuses query options that the operation doesn't declare, and
// properties in $select that what it answers hasn't got: Graph answers 400 to
// both, which no fake would.
func checkQuery(req *http.Request, route *routers.Route) error {
	var wrong []error
	for name, values := range req.URL.Query() {
		if !declares(route, name) {
			wrong = append(wrong, fmt.Errorf("query option %s isn't declared", name))
			continue
		}
		if len(values) > 1 {
			wrong = append(wrong, fmt.Errorf("query option %s stands there %d times", name, len(values)))
		}
		if name == "$select" {
			wrong = append(wrong, checkSelect(route, values[0]))
		}
	}
	return errors.Join(wrong...)
}

func declares(route *routers.Route, query string) bool {
	return route.Operation.Parameters.GetByInAndName("query", query) != nil ||
		route.PathItem.Parameters.GetByInAndName("query", query) != nil
}

// checkSelect refuses properties that aren't in the schema of the answer.
func checkSelect(route *routers.Route, names string) error {
	properties := answerProperties(route.Operation)
	var wrong []error
	for name := range strings.SplitSeq(names, ",") {
		if properties[name] == nil {
			wrong = append(wrong, fmt.Errorf("$select names %q, which isn't a property", name))
		}
	}
	return errors.Join(wrong...)
}

// checkConsistency refuses advanced queries without the header that they need.
//
// Source: https://learn.microsoft.com/graph/aad-advanced-queries
func checkConsistency(req *http.Request) error {
	q := req.URL.Query()
	if q.Get("$search") == "" && q.Get("$count") != "true" {
		return nil
	}
	if level := req.Header.Get("ConsistencyLevel"); level != "eventual" {
		return fmt.Errorf("an advanced query with ConsistencyLevel %q, want eventual", level)
	}
	return nil
}
