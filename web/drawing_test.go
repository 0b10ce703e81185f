package web_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// update writes the drawing anew instead of comparing it:
//
//	go test ./web -run Drawing -update
var update = flag.Bool("update", false, "write the drawing in docs/developers.md")

// developers is the page with the drawing.
const developers = "../docs/developers.md"

// undrawn are imported by nearly all, or hold no code of Portrait's own, with what
// is below them: arrows to and from them would say nothing.
var undrawn = []string{
	"internal/words", "internal/fault", "internal/directory", "internal/store/storetest", "internal/graph/contract", "bench", "e2e",
}

// TestTheDrawingIsTheCode holds that the drawing of the parts has exactly the
// imports that there are.
func TestTheDrawingIsTheCode(t *testing.T) {
	_, own := everyPackage(t)
	want := drawing(arrows(own))
	page, err := os.ReadFile(developers)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), "```mermaid\n")
	got, after, ends := strings.Cut(rest, "```\n")
	if !found || !ends {
		t.Fatalf("%s has no drawing", developers)
	}
	if *update {
		if err := os.WriteFile(developers, []byte(before+"```mermaid\n"+want+"```\n"+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the drawing isn't what the code is (run go test ./web -run Drawing -update):\n%s", diff)
	}
}

// arrows returns what each drawn package imports of the drawn ones, without what
// it reaches by way of another.
func arrows(own []listed) map[string][]string {
	all := map[string][]string{}
	for _, p := range own {
		if !isDrawn(p.folder()) {
			continue
		}
		all[p.folder()] = nil
		for _, path := range p.Imports {
			to := listed{ImportPath: path}.folder()
			if ours(path) && isDrawn(to) {
				all[p.folder()] = append(all[p.folder()], to)
			}
		}
	}
	direct := map[string][]string{}
	for from, imported := range all {
		direct[from] = slices.DeleteFunc(slices.Clone(imported), func(to string) bool {
			return slices.ContainsFunc(imported, func(by string) bool { return by != to && reaches(all, by, to) })
		})
		slices.Sort(direct[from])
	}
	return direct
}

func isDrawn(folder string) bool {
	return !slices.ContainsFunc(undrawn, func(u string) bool { return folder == u || strings.HasPrefix(folder, u+"/") })
}

// reaches reports whether from imports to, by whatever way. Go has no circles.
func reaches(all map[string][]string, from, to string) bool {
	return slices.ContainsFunc(all[from], func(by string) bool { return by == to || reaches(all, by, to) })
}

// drawing writes arrows as Mermaid reads them.
func drawing(arrows map[string][]string) string {
	var froms []string
	for from := range arrows {
		froms = append(froms, from)
	}
	slices.Sort(froms)
	var b strings.Builder
	b.WriteString("flowchart TD\n") // a Builder never fails
	for _, from := range froms {
		b.WriteString("  " + node(from) + "[" + from + "]\n")
	}
	for _, from := range froms {
		for _, to := range arrows[from] {
			b.WriteString("  " + node(from) + " --> " + node(to) + "\n")
		}
	}
	return b.String()
}

// node is the name of a package in the drawing, which may have no slashes.
func node(folder string) string { return strings.ReplaceAll(folder, "/", "_") }
