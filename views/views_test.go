package views

import "testing"

func TestInitials(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"Maya Lindqvist", "ML"},
		{"Jean-Luc Picard", "JP"},
		{"Ana María del Río", "AR"},
		{"Jörg Müller (Extern)", "JE"},
		{"madonna", "M"},
		{"张伟", "张伟"},
		{"欧阳修文", "修文"},
		{"김철수", "철수"},
		{"O’Neill Zoë", "OZ"},
		{"42", "?"},
		{"", "?"},
	} {
		if got := Initials(tt.name); got != tt.want {
			t.Errorf("Initials(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestHueIsTheSameForEverAndInRange(t *testing.T) {
	seen := map[int]bool{}
	for _, id := range []string{"", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"} {
		h := Hue(id)
		if h < 0 || h >= hues {
			t.Errorf("Hue(%q) = %d, want 0 to %d", id, h, hues-1)
		}
		seen[h] = true
	}
	if len(seen) < hues/2 {
		t.Errorf("17 ids have only %d colours", len(seen))
	}
	if got := Hue("11111111-2222-3333-4444-555555555555"); got != Hue("11111111-2222-3333-4444-555555555555") {
		t.Errorf("Hue changes: %d", got)
	}
}
