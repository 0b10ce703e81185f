package handlers

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"slices"
	"testing"
)

func TestNoCellIsAFormula(t *testing.T) {
	for _, tt := range []struct{ sentence, cell, want string }{
		{"a name", "Jörg Müller", "Jörg Müller"},
		{"a name with a hyphen", "Anne-Marie", "Anne-Marie"},
		{"an address", "joerg.mueller@skylark.example", "joerg.mueller@skylark.example"},
		{"nothing", "", ""},
		{"a formula", `=HYPERLINK("https://evil.example")`, `'=HYPERLINK("https://evil.example")`},
		{"a plus", "+1", "'+1"},
		{"a minus", "-2+3", "'-2+3"},
		{"an at", "@SUM(A1)", "'@SUM(A1)"},
		{"a tab", "\t=1", "'\t'=1"},
		{"a carriage return", "\r=1", "'\r'=1"},
		{"a line feed", "\n=1", "\n'=1"},
		{"full-width signs", "＝1", "'＝1"},
		{"after spaces", "  =1", "  '=1"},
		{"after a space that doesn't break", "\u00A0=1", "\u00A0'=1"},
		{"after a quote", `"=1`, `"'=1`},
		{"after an apostrophe", "'=1", "''=1"},
		{"after a comma", "a,=1", "a,'=1"},
		{"after a semicolon", "a;=1", "a;'=1"},
		{"after a bar", "a|=1", "a|'=1"},
		{"after a semicolon, a space and a quote", `a; "=1`, `a; "'=1`},
		{"on a second line", "a\r\n@b", "a\r\n'@b"},
		{"within a word", "a=b", "a=b"},
		{"twice", "=1;=2", "'=1;'=2"},
		{"behind a zero byte", "\x00=1", "'=1"},
	} {
		if got := harmless(tt.cell); got != tt.want {
			t.Errorf("%s: %q becomes %q, want %q", tt.sentence, tt.cell, got, tt.want)
		}
	}
}

// TestAFileIsReadBack reads what is written with Go's own reader.
func TestAFileIsReadBack(t *testing.T) {
	rows := [][]string{{"plain", "", "with, comma"}, {`with "quotes"`, "two\nlines", "ünïcode 演示"}}
	var b bytes.Buffer
	out := bufio.NewWriter(&b)
	for _, row := range rows {
		if err := writeCSV(out, row); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(b.Bytes(), []byte("\r\n")); lines != len(rows) {
		t.Errorf("%d lines end as RFC 4180 has it, want %d", lines, len(rows))
	}
	got, err := csv.NewReader(&b).ReadAll()
	if err != nil || !slices.EqualFunc(got, rows, slices.Equal) {
		t.Errorf("read back %q, %v", got, err)
	}
}

func TestTextsAreShownSafely(t *testing.T) {
	for _, tt := range []struct{ sentence, text, want string }{
		{"on one line", "a\n\n b\r\nc", "a b c"},
		{"with an override", "Admiral \u202Egnp.exe", "Admiral \uFFFDgnp.exe"},
		{"with an isolate", "\u2066x", "\uFFFDx"},
		{"with an escape", "\x1b[31mred", "\uFFFD[31mred"},
		{"Arabic as it is", "محمد", "محمد"},
	} {
		if got := short(tt.text); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.sentence, got, tt.want)
		}
	}
	if got := short(string(bytes.Repeat([]byte("ü"), 10<<10))); len([]rune(got)) != shortRunes+1 {
		t.Errorf("a long name has %d characters", len([]rune(got)))
	}
}
