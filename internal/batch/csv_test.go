package batch

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/fault"
)

// utf16Of returns text in UTF-16 with its mark, as Excel's "Unicode text".
func utf16Of(text string, order binary.AppendByteOrder) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func TestReadTable(t *testing.T) {
	want := []Row{{Line: 2, File: "Jörg.jpg", UPN: "joerg@contoso.com"}}
	const comma = "userPrincipalName,file\njoerg@contoso.com,Jörg.jpg\n"
	for _, tt := range []struct {
		sentence, body string
		want           []Row
	}{
		{"UTF-8", comma, want},
		{"with a mark in front", "\ufeff" + comma, want},
		{"semicolons, as Excel in Europe writes", strings.ReplaceAll(comma, ",", ";"), want},
		{"tabs", strings.ReplaceAll(comma, ",", "\t"), want},
		{"lines that end as on Windows", strings.ReplaceAll(comma, "\n", "\r\n"), want},
		{"UTF-16, little end first", utf16Of(strings.ReplaceAll(comma, ",", "\t"), binary.LittleEndian), want},
		{"UTF-16, big end first", utf16Of(comma, binary.BigEndian), want},
		{"Windows-1252", strings.ReplaceAll(comma, "ö", "\xf6"), want},
		{"letters and marks apart", strings.ReplaceAll(comma, "ö", "o\u0308"), want},
		{"names of columns in other cases, with other signs", "File Name,User_Principal_Name\nJörg.jpg,joerg@contoso.com\n", want},
		{"columns in German", "Benutzername;Dateiname\njoerg@contoso.com;Jörg.jpg\n", want},
		{"more columns, and empty ones", "x,userPrincipalName,,file,y\n1,joerg@contoso.com,,Jörg.jpg,2\n", want},
		{"quotation marks", "userPrincipalName,file\n\"joerg@contoso.com\",\"Jörg.jpg\"\n", want},
		{"spaces around", "userPrincipalName, file\n joerg@contoso.com , Jörg.jpg \n", want},
		{"lines without anything", "userPrincipalName,file\njoerg@contoso.com,Jörg.jpg\n\n,\n ,  \n", want},
		{"no line break at the end", strings.TrimSpace(comma), want},
		{"mail and number", "mail,employeeId,file\na@b.example,0042,a.jpg\n,,\n,7,b.jpg", []Row{
			{Line: 2, File: "a.jpg", Mail: "a@b.example", EmployeeID: "0042"}, {Line: 4, File: "b.jpg", EmployeeID: "7"},
		}},
		{"a cell that is a book", "userPrincipalName,employeeId,file\n" + strings.Repeat("x", 5000) + ",1,a.jpg", []Row{{Line: 2, File: "a.jpg", EmployeeID: "1"}}},
	} {
		got, err := ReadTable([]byte(tt.body))
		if diff := cmp.Diff(tt.want, got.Rows); diff != "" || err != nil || len(got.Bad) > 0 {
			t.Errorf("%s: %v %v %s", tt.sentence, err, got.Bad, diff)
		}
	}
}

func TestRowsThatSayNothingAreListed(t *testing.T) {
	got, err := ReadTable([]byte("userPrincipalName,file\n,a.jpg\nann@contoso.com,\nann@contoso.com\nann@contoso.com,b.jpg\n"))
	if err != nil || len(got.Rows) != 1 {
		t.Fatalf("%v, %v", got.Rows, err)
	}
	var told []string
	for _, b := range got.Bad {
		told = append(told, fmt.Sprintf("%d %s", b.Line, b.Why.ID))
	}
	if diff := cmp.Diff([]string{"2 batch.row-without-person", "3 batch.row-without-file", "4 batch.row-without-file"}, told); diff != "" {
		t.Error(diff)
	}
}

func TestReadTableRefuses(t *testing.T) {
	for _, tt := range []struct {
		sentence, body, say string
		kind                fault.Kind
	}{
		{"nothing", "", "batch.table-empty", fault.Unreadable},
		{"nothing but lines", "\n\n", "batch.table-empty", fault.Unreadable},
		{"no header", "joerg@contoso.com,a.jpg\n", "batch.table-columns", fault.Unreadable},
		{"no column of files", "userPrincipalName,department\n", "batch.table-columns", fault.Unreadable},
		{"no column of people", "file,department\n", "batch.table-columns", fault.Unreadable},
		{"a quotation that doesn't end", "userPrincipalName,file\n\"joerg,a.jpg\n", "batch.table-unreadable", fault.Unreadable},
		{"a quotation in the header that doesn't end", "\"file", "batch.table-unreadable", fault.Unreadable},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "batch.table-columns", fault.Unreadable},
		{"thousands of columns", strings.Repeat("file,upn,", 5000), "batch.table-unreadable", fault.Unreadable},
		{"too many rows", "upn,file\n" + strings.Repeat("a@b.example,c.jpg\n", MaxFiles+1), "batch.table-too-long", fault.TooLarge},
		{"too many rows that say nothing", "upn,file\n" + strings.Repeat(",c.jpg\n", MaxFiles+1), "batch.table-too-long", fault.TooLarge},
		{"too large", "upn,file\n" + strings.Repeat(" ", MaxTableBytes), "batch.table-too-large", fault.TooLarge},
	} {
		got, err := ReadTable([]byte(tt.body))
		if err == nil || fault.As(err).Say.ID != tt.say || fault.As(err).Kind != tt.kind || len(got.Rows)+len(got.Bad) > 0 {
			t.Errorf("%s: %v, want %s", tt.sentence, err, tt.say)
		}
	}
}

// FuzzTable holds that whatever is dropped as a table is rows of text, or a
// sentence.
func FuzzTable(f *testing.F) {
	for _, s := range []string{
		"userPrincipalName,file\njoerg@contoso.com,Jörg.jpg\n", "\ufeffmail;file\r\na@b.example;\"x;\"\"y\"\r\n", "file\tid\n",
		utf16Of("upn\tfile\na@b.example\tä.jpg", binary.LittleEndian), "upn,file\n\"", "\xff\xfe\x00", "upn,file\n\xe4,\xf6.jpg",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		table, err := ReadTable(bytes.Clone(body))
		if err != nil {
			noSentence(t, err)
			return
		}
		for _, r := range table.Rows {
			if r.File == "" || r.UPN == "" && r.Mail == "" && r.EmployeeID == "" || r.Line < 2 {
				t.Errorf("a row that says nothing: %+v", r)
			}
			for _, cell := range []string{r.File, r.UPN, r.Mail, r.EmployeeID} {
				if !utf8.ValidString(cell) || strings.ContainsAny(cell, "\x00\r\n") || len(cell) > 3*maxCellBytes {
					t.Errorf("a cell %q", cell)
				}
			}
		}
	})
}

// noSentence fails the test if err doesn't say anything of its own.
func noSentence(t *testing.T, err error) {
	t.Helper()
	if say := fault.As(err).Say.ID; say == "fault.unexpected" {
		t.Errorf("no sentence: %v", err)
	}
}
