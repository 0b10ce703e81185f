package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSecurityPromisesNameTheirTests holds that every test that SECURITY.md
// names is in the file that it links to.
func TestSecurityPromisesNameTheirTests(t *testing.T) {
	content, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`\b(TestSecurity|Fuzz)[A-Z]\w+`)
	var linked []string
	for _, link := range regexp.MustCompile(`\[([^\]]+)\]\(([^)]+)\)`).FindAllStringSubmatch(string(content), -1) {
		target, err := os.ReadFile(filepath.Join("..", link[2]))
		if err != nil {
			t.Errorf("SECURITY.md links to %s: %v", link[2], err)
		}
		for _, test := range name.FindAllString(link[1], -1) {
			linked = append(linked, test)
			if !strings.Contains(string(target), "func "+test+"(") {
				t.Errorf("SECURITY.md names %s, which isn't in %s", test, link[2])
			}
		}
	}
	for _, test := range name.FindAllString(string(content), -1) {
		if !slices.Contains(linked, test) {
			t.Errorf("SECURITY.md names %s without saying where it is", test)
		}
	}
	if len(linked) < 50 {
		t.Errorf("SECURITY.md names only %d tests", len(linked))
	}
}
