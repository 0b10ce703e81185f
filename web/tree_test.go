package web_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// module is what every import path of ours begins with.
const module = "portrait"

// listed is a package as `go list -json` tells it, as far as the tests here ask.
type listed struct {
	ImportPath  string
	Dir         string
	Export      string // file with what the compiler knows of it
	Standard    bool
	GoFiles     []string
	TestGoFiles []string
	Imports     []string
}

// folder is where the package is, from the root of the repository, with
// slashes: "internal/photo".
func (p listed) folder() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

// ours reports whether the import path is of this repository.
func ours(path string) bool {
	return path == module || strings.HasPrefix(path, module+"/")
}

// listAll asks the go command about every package of ours and all that they
// import, once for all tests here.
var listAll = sync.OnceValues(func() ([]listed, error) {
	cmd := exec.Command("go", "list", "-e", "-export", "-deps", "-json=ImportPath,Dir,Export,Standard,GoFiles,TestGoFiles,Imports", "./...")
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.Bytes())
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
})

// everyPackage returns all packages, and those of ours.
func everyPackage(t *testing.T) (all, own []listed) {
	t.Helper()
	all, err := listAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if ours(p.ImportPath) {
			own = append(own, p)
		}
	}
	return all, own
}

// use is one place in our code where something is named that a rule is about.
type use struct {
	object string // as types.Func.FullName, or "package.Type.Field"
	folder string
	file   string // "internal/photo/gate.go"
	line   int
}

// usesOf returns every place, outside tests and generated files, where code of
// ours names a function, method or field of a package.
func usesOf(t *testing.T) []use {
	t.Helper()
	all, own := everyPackage(t)
	exports := map[string]string{}
	for _, p := range all {
		exports[p.ImportPath] = p.Export
	}
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("%s does not compile", path)
		}
		return os.Open(exports[path])
	})
	var uses []use
	for _, p := range own {
		found, err := usesIn(fset, imports, p)
		if err != nil {
			t.Errorf("%s: %v", p.ImportPath, err)
		}
		uses = append(uses, found...)
	}
	return uses
}

// usesIn is usesOf for one package.
func usesIn(fset *token.FileSet, imports types.Importer, p listed) ([]use, error) {
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil, nil
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	conf := types.Config{Importer: imports}
	if _, err := conf.Check(p.ImportPath, fset, files, info); err != nil {
		return nil, err
	}
	var uses []use
	add := func(object string, at token.Pos) {
		pos := fset.Position(at)
		name := filepath.Base(pos.Filename)
		if !strings.HasSuffix(name, "_templ.go") {
			uses = append(uses, use{object, p.folder(), p.folder() + "/" + name, pos.Line})
		}
	}
	for ident, object := range info.Uses {
		if f, ok := object.(*types.Func); ok {
			add(f.FullName(), ident.Pos())
		}
	}
	for selector, s := range info.Selections {
		if s.Kind() == types.FieldVal {
			add(fieldName(s), selector.Sel.Pos())
		}
	}
	return uses, nil
}

// fieldName returns the name of the selected field with its type's:
// "portrait/internal/photo.Service.App".
func fieldName(s *types.Selection) string {
	recv := s.Recv()
	if p, ok := recv.Underlying().(*types.Pointer); ok {
		recv = p.Elem()
	}
	return types.TypeString(recv, nil) + "." + s.Obj().Name()
}
