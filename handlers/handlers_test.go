package handlers

import (
	"testing"

	"portrait/views"
)

func TestTheNoticeIsInTheReadersLanguage(t *testing.T) {
	s := &Site{Banner: map[string]views.Banner{"": {Text: "Moved on Friday"}, "zh-Hans": {Text: "周五迁移"}}}
	for lang, want := range map[string]string{"en": "Moved on Friday", "zh-Hans": "周五迁移"} {
		if b := s.banner(lang); b == nil || b.Text != want {
			t.Errorf("in %s it is %v, want %q", lang, b, want)
		}
	}
	s.Banner = map[string]views.Banner{"zh-Hans": {Text: "周五迁移"}}
	if b := s.banner("en"); b != nil {
		t.Errorf("in English, which has none, it is %v", b)
	}
}
