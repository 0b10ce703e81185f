package contract

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// file is where the description lies in the repository.
const file = "internal/graph/testdata/openapi.yaml"

// description is Graph as it is described.
type description struct {
	doc   *openapi3.T
	paths []pathForm
}

// pathForm is one path of the description, cut into segments.
type pathForm struct {
	version  string // "/v1.0" or "/beta"
	template string
	segments []string // "{name}" for a parameter
	item     *openapi3.PathItem
}

// load reads the description once: it takes 50 ms, and every request of the
// test suite asks for it.
var load = sync.OnceValues(func() (*description, error) {
	path, err := locate()
	if err != nil {
		return nil, err
	}
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromFile(path)
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	if err := doc.Validate(loader.Context); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	for _, kind := range []string{"image/jpeg", "image/png", "image/gif"} {
		openapi3filter.RegisterBodyDecoder(kind, openapi3filter.FileBodyDecoder)
	}
	return newDescription(doc)
})

// locate looks for the file upwards from the working directory, which is the
// folder of the package under test.
func locate() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("contract: %w", err)
	}
	for {
		path := filepath.Join(dir, filepath.FromSlash(file))
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("contract: there is no %s here or above", file)
		}
		dir = parent
	}
}

func newDescription(doc *openapi3.T) (*description, error) {
	d := &description{doc: doc}
	for template, item := range doc.Paths.Map() {
		servers := item.Servers
		if len(servers) == 0 {
			servers = doc.Servers
		}
		server, err := url.Parse(servers[0].URL)
		if err != nil {
			return nil, fmt.Errorf("contract: %s: %w", template, err)
		}
		d.paths = append(d.paths, pathForm{server.Path, template, strings.Split(template[1:], "/"), item})
	}
	return d, nil
}

// find returns the operation that a request is for, and what stands for the
// parameters in its escaped path. Names of segments compare without case, as
// Graph compares them.
func (d *description) find(method, version, path string) (*routers.Route, map[string]string, error) {
	segments, err := cutPath(path)
	if err != nil {
		return nil, nil, fmt.Errorf("contract: %s: %w", path, err)
	}
	var found *pathForm
	var params map[string]string
	for i := range d.paths {
		got, ok := d.paths[i].match(version, segments)
		if ok && (found == nil || len(got) < len(params)) { // a name is closer than a parameter
			found, params = &d.paths[i], got
		}
	}
	if found == nil || found.item.GetOperation(method) == nil {
		return nil, nil, fmt.Errorf("contract: %s %s%s isn't described", method, version, path)
	}
	return &routers.Route{
		Spec: d.doc, Server: d.doc.Servers[0], Path: found.template, PathItem: found.item,
		Method: method, Operation: found.item.GetOperation(method),
	}, params, nil
}

func (p pathForm) match(version string, segments []string) (params map[string]string, ok bool) {
	if version != p.version || len(segments) != len(p.segments) {
		return nil, false
	}
	params = map[string]string{}
	for i, want := range p.segments {
		switch got := segments[i]; {
		case strings.HasPrefix(want, "{"):
			if got == "" || strings.HasPrefix(got, "$") { // $count, $value, $ref are never ids
				return nil, false
			}
			params[strings.Trim(want, "{}")] = got
		case !strings.EqualFold(want, got):
			return nil, false
		}
	}
	return params, true
}

// keyed is a segment with its key in parentheses: "users('$x@contoso.com')".
var keyed = regexp.MustCompile(`^([A-Za-z]+)\('(.+)'\)$`)

// cutPath returns the unescaped segments of an escaped path; a key in
// parentheses is a segment of its own.
func cutPath(path string) ([]string, error) {
	var segments []string
	for part := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		plain, err := url.PathUnescape(part)
		if err != nil {
			return nil, err
		}
		if m := keyed.FindStringSubmatch(plain); m != nil {
			// The quotes stay: a key that begins with $ is no operator.
			segments = append(segments, m[1], "'"+strings.ReplaceAll(m[2], "''", "'")+"'")
			continue
		}
		segments = append(segments, plain)
	}
	return segments, nil
}

// answerProperties returns the properties of what op answers with 200, or of
// the rows of a list.
func answerProperties(op *openapi3.Operation) openapi3.Schemas {
	answer := op.Responses.Status(200)
	if answer == nil || answer.Value.Content.Get("application/json") == nil {
		return nil
	}
	schema := answer.Value.Content.Get("application/json").Schema.Value
	if rows := schema.Properties["value"]; rows != nil && rows.Value.Items != nil {
		return rows.Value.Items.Value.Properties
	}
	return schema.Properties
}
