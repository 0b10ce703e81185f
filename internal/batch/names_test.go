package batch

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestStem(t *testing.T) {
	for _, tt := range []struct{ sentence, name, want string }{
		{"an ending", "joerg.mueller.jpg", "joerg.mueller"},
		{"a large one", "JOERG.JPEG", "JOERG"},
		{"two of them", "joerg.png.jpg", "joerg"},
		{"none, but a name with a point", "joerg.mueller", "joerg.mueller"},
		{"folders", "badges/2026/joerg.jpg", "joerg"},
		{"folders of Windows", `C:\badges\joerg.jpg`, "joerg"},
		{"a second download", "joerg (1).jpg", "joerg"},
		{"a second download, without a space", "joerg(12).jpg", "joerg"},
		{"a copy", "joerg - Copy.jpg", "joerg"},
		{"a copy of a Mac", "joerg copy 2.jpg", "joerg"},
		{"a German copy of a copy", "joerg - Kopie (3).jpg", "joerg"},
		{"a Chinese copy", "张伟 - 副本.jpg", "张伟"},
		{"an ending behind the copy", "joerg.jpg (1).jpg", "joerg"},
		{"somebody called Copy", "copy.jpg", "copy"},
		{"a number in brackets alone", "(1).jpg", "(1)"},
		{"a year isn't the number of a copy", "joerg (2026).jpg", "joerg (2026)"},
		{"an address", "joerg.mueller@contoso.com.jpg", "joerg.mueller@contoso.com"},
		{"spaces around", "  joerg .jpg", "joerg"},
		{"letters and marks apart, as a Mac writes them", "Jo\u0308rg.jpg", "Jörg"},
		{"marks that turn the writing", "gpj.\u202egpj.joerg.jpg", "gpj.gpj.joerg"},
		{"nothing", "", ""},
		{"a folder", "badges/", "badges"},
		{"nothing but an ending", ".jpg", ".jpg"},
		{"bytes that are no text", "j\xffrg.jpg", "j�rg"},
	} {
		if got := stem(tt.name); got != tt.want {
			t.Errorf("%s: stem(%q) = %q, want %q", tt.sentence, tt.name, got, tt.want)
		}
	}
}

// TestSameName holds which spellings are one name.
func TestSameName(t *testing.T) {
	for _, tt := range []struct {
		sentence, one, other string
		same                 bool
	}{
		{"the order", "Müller, Jörg", "Jörg Müller", true},
		{"an underscore for the space", "mueller_joerg", "Jörg Müller", true},
		{"points and case", "JOERG.MUELLER", "Jörg Müller", true},
		{"the letters below the umlauts", "jorg-muller", "Jörg Müller", true},
		{"an umlaut where the directory spells it out", "Jörg Müller", "Joerg Mueller", true},
		{"an umlaut in one word alone", "Jörg Mueller", "Joerg Müller", true},
		{"a sharp s", "Strauß Änne", "aenne strauss", true},
		{"letters and marks apart", "Jo\u0308rg Mu\u0308ller", "Jörg Müller", true},
		{"an accent", "Zoe ONeill", "Zoë O’Neill", true},
		{"Scandinavian letters spelled out", "Soeren Oestergaard", "Søren Østergård", true},
		{"Scandinavian letters without what is on them", "soren ostergard", "Søren Østergård", true},
		{"both in one name", "soeren ostergard", "Søren Østergård", false},
		{"a Polish l", "lukasz zajac", "Łukasz Zając", true},
		{"a Turkish i", "yildiz", "Yıldız", true},
		{"a double name with a hyphen", "Anne-Marie Weiß", "weiss anne marie", true},
		{"a title", "Dr. Jörg Müller", "Müller Jörg", true},
		{"a name that isn't Latin", "张伟", "张伟", true},
		{"Greek, in capitals", "ΝΊΚΟΣ ΙΩΆΝΝΟΥ", "Νίκος Ιωάννου", true},
		{"Cyrillic, in capitals", "ЁЛКИН ИЛЬЯ", "Илья Ёлкин", true},
		{"letters of full width", "Ｊｏｅｒｇ Ｍｕｅｌｌｅｒ", "Jörg Müller", true},
		{"another name", "Jörg Müller", "Jörn Müller", false},
		{"part of a name", "Müller", "Jörg Müller", false},
		{"one word more", "Jörg Peter Müller", "Jörg Müller", false},
		{"a word twice", "Jörg Jörg", "Jörg", false},
		{"nothing", "", "", false},
		{"nothing but a title", "Dr.", "Prof.", false},
	} {
		one, other := nameKeys(nameWords(tt.one)), nameKeys(nameWords(tt.other))
		same := slices.ContainsFunc(one, func(k string) bool { return slices.Contains(other, k) })
		if same != tt.same {
			t.Errorf("%s: %q %q and %q %q: same = %v, want %v", tt.sentence, tt.one, one, tt.other, other, same, tt.same)
		}
	}
}

func TestHumps(t *testing.T) {
	for name, want := range map[string]string{
		"MuellerJoerg": "Mueller Joerg", "JörgMüller": "Jörg Müller", "joerg": "joerg", "JM": "JM", "": "", "MacLeod": "Mac Leod",
	} {
		if got := humps(name); got != want {
			t.Errorf("humps(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestSomeOfALongNameAreFew(t *testing.T) {
	for n := range 40 {
		count := 0
		someOf(slices.Repeat([]string{"x"}, n), func(some []string) {
			count++
			if len(some) < 2 || len(some) >= n {
				t.Errorf("%d words of %d", len(some), n)
			}
		})
		if count > 56 || (count == 0) != (n < 3) {
			t.Errorf("%d choices of %d words", count, n)
		}
	}
}

// FuzzNames holds that any name gives keys that don't depend on how it is
// composed, or on its case, and that cleaning a clean name changes nothing.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"Müller, Jörg (1).jpg", "mueller_joerg.jpg", `a\b/c`, "ǅ İ ß ẞ ﬁ", "\u0308", "O’Neill", "张伟 - 副本.jpg", "a\x00b\u202e", "ꮬ Ꮬ ι \u0345", strings.Repeat("ä ", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		s := stem(name)
		if !utf8.ValidString(s) || !norm.NFC.IsNormalString(s) || len([]rune(s)) > maxNameRunes {
			t.Errorf("stem(%q) = %q", name, s)
		}
		if folded := fold(name); fold(folded) != folded {
			t.Errorf("fold(%q) = %q, and folded again %q", name, folded, fold(folded))
		}
		if utf8.ValidString(name) {
			if a, b := nameKeys(nameWords(clean(name))), nameKeys(nameWords(clean(norm.NFD.String(name)))); !slices.Equal(a, b) {
				t.Errorf("%q gives %q, taken apart %q", name, a, b)
			}
		}
		for _, key := range nameKeys(nameWords(s)) {
			if key == "" || strings.ContainsAny(key, `/\`) {
				t.Errorf("%q gives the key %q", name, key)
			}
		}
		for _, c := range Clues([]File{{Name: name}}, Table{}) {
			if strings.TrimSpace(c.Text) == "" {
				t.Errorf("%q gives an empty clue", name)
			}
		}
	})
}
