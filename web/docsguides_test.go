package web_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// TestGuidesNameButtonsAsTheyAre holds that what the guides print bold is a text
// of the pages, in the language of the guide. Where a text has values in it, the
// guide has … or nothing.
func TestGuidesNameButtonsAsTheyAre(t *testing.T) {
	for page, lang := range map[string]string{"users.md": "en", "helpdesk.md": "en", "users.zh-Hans.md": "zh-Hans"} {
		said := sentences(t, lang)
		bold := regexp.MustCompile(`\*\*([^*]+)\*\*`).FindAllStringSubmatch(read(t, "../docs/"+page), -1)
		for _, m := range bold {
			if !said[strings.Join(strings.Fields(m[1]), " ")] {
				t.Errorf("docs/%s: no page says %q", page, m[1])
			}
		}
		if len(bold) < 15 {
			t.Errorf("docs/%s names only %d texts", page, len(bold))
		}
	}
}

// sentences returns every text of a language, with … for values and without them.
func sentences(t *testing.T, lang string) map[string]bool {
	t.Helper()
	var texts map[string]any
	if err := json.Unmarshal([]byte(read(t, "../internal/words/"+lang+".json")), &texts); err != nil {
		t.Fatal(err)
	}
	value, said := regexp.MustCompile(`\s*\{\{[^}]*\}\}\s*`), map[string]bool{}
	add := func(text string) {
		said[strings.TrimSpace(value.ReplaceAllString(text, " … "))] = true
		said[strings.TrimSpace(value.ReplaceAllString(text, " "))] = true
	}
	for _, text := range texts {
		switch text := text.(type) {
		case string:
			add(text)
		case map[string]any: // plural forms
			for _, form := range text {
				if s, ok := form.(string); ok {
					add(s)
				}
			}
		}
	}
	return said
}
