package views

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"portrait/static"
)

// TestIcons holds that pages draw the icons in tools/icons.txt, each of them, and
// no other: a name that isn't there draws nothing, and nobody would notice.
func TestIcons(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "tools", "icons.txt"))
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Fields(string(raw))
	for _, name := range names {
		if !strings.HasPrefix(static.Icon(name), "M") {
			t.Errorf("Icon(%q) = %q, want a path; run `make build`", name, static.Icon(name))
		}
	}
	if got := static.Icon("no such icon"); got != "" {
		t.Errorf("Icon of one that isn't there = %q", got)
	}

	var text strings.Builder
	for _, pattern := range []string{"*.templ", "../handlers/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text.Write(content)
		}
	}
	for _, name := range names {
		if !strings.Contains(text.String(), `"`+name+`"`) {
			t.Errorf("tools/icons.txt has %q, which no page draws", name)
		}
	}
	for _, use := range strings.Split(text.String(), `Icon("`)[1:] {
		if name, _, _ := strings.Cut(use, `"`); !slices.Contains(names, name) {
			t.Errorf("a page draws the icon %q, which tools/icons.txt doesn't name", name)
		}
	}
}
