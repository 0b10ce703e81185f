// Command sbom writes the list of everything that is in a built Portrait to
// standard output: a CycloneDX 1.6 bill of materials, made from the binary
// itself, with the licence text of each part.
//
//	go run -C tools ./sbom [../bin/portrait]
//
// The same binary gives the same bytes: there is no time and no serial number in
// it. It fails where a part has no licence that it knows, rather than leave it
// out.
//
// It is a program of ours because the known tool for it, cyclonedx-gomod, brings
// a Git client and a language model of licences with it, and knows nothing of
// what is embedded.
//
// Source: https://cyclonedx.org/docs/1.6/json/
package main

import (
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	"golang.org/x/mod/module"
)

func main() {
	binary := "../bin/portrait"
	if len(os.Args) > 1 {
		binary = os.Args[1]
	}
	if err := run(binary, "..", os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// bom is the document, as far as we fill it in.
type bom struct {
	Format     string      `json:"bomFormat"`
	Spec       string      `json:"specVersion"`
	Version    int         `json:"version"`
	Metadata   metadata    `json:"metadata"`
	Components []component `json:"components"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type     string    `json:"type"` // application, library or file
	Ref      string    `json:"bom-ref"`
	Name     string    `json:"name"`
	Version  string    `json:"version,omitempty"`
	Hashes   []hash    `json:"hashes,omitempty"`
	Licences []licence `json:"licenses,omitempty"`
	PURL     string    `json:"purl,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"` // hexadecimal
}

type licence struct {
	Licence struct {
		ID   string `json:"id,omitempty"`   // SPDX
		Name string `json:"name,omitempty"` // of the file, where what it says has no id
		Text text   `json:"text"`
	} `json:"license"`
}

type text struct {
	Type     string `json:"contentType"`
	Encoding string `json:"encoding"`
	Content  string `json:"content"`
}

// run writes the bill of binary, which was built from the repository at root.
func run(binary, root string, out io.Writer) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	own, err := licensed(root, component{Type: "application", Ref: "portrait", Name: "portrait", Version: info.Main.Version})
	if err != nil {
		return err
	}
	b := bom{Format: "CycloneDX", Spec: "1.6", Version: 1, Metadata: metadata{own}}
	for _, more := range []func() ([]component, error){
		func() ([]component, error) { return goParts(info) },
		func() ([]component, error) { return npmParts(root) },
		func() ([]component, error) { return compiled(root) },
		func() ([]component, error) { return embeddedFiles(filepath.Join(root, "static")) },
	} {
		parts, err := more()
		if err != nil {
			return err
		}
		b.Components = append(b.Components, parts...)
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "\t")
	e.SetEscapeHTML(false)
	return e.Encode(b)
}

// goParts returns Go's standard library and every module in the binary.
func goParts(info *buildinfo.BuildInfo) ([]component, error) {
	goroot, err := goEnv("GOROOT")
	if err != nil {
		return nil, err
	}
	cache, err := goEnv("GOMODCACHE")
	if err != nil {
		return nil, err
	}
	version := strings.TrimPrefix(info.GoVersion, "go")
	std, err := licensed(goroot, component{
		Type: "library", Ref: "std", Name: "Go standard library", Version: version, PURL: "pkg:golang/std@" + version,
	})
	if err != nil {
		return nil, err
	}
	parts := []component{std}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		part, err := modulePart(cache, m)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return parts, nil
}

func modulePart(cache string, m *debug.Module) (component, error) {
	path, err := module.EscapePath(m.Path)
	if err != nil {
		return component{}, err
	}
	version, err := module.EscapeVersion(m.Version)
	if err != nil {
		return component{}, err
	}
	purl := "pkg:golang/" + m.Path + "@" + m.Version
	c := component{Type: "library", Ref: purl, Name: m.Path, Version: m.Version, PURL: purl}
	sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sum, "h1:"))
	if err != nil || len(sum) != 32 {
		return component{}, fmt.Errorf("%s has no checksum", m.Path)
	}
	c.Hashes = []hash{{"SHA-256", hex.EncodeToString(sum)}} // of the module's files, as go.sum has it
	return licensed(filepath.Join(cache, path+"@"+version), c)
}

func goEnv(name string) (string, error) {
	out, err := exec.Command("go", "env", name).Output()
	return strings.TrimSpace(string(out)), err
}
