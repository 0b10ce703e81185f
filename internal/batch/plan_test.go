package batch

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"portrait/internal/directory"
	"portrait/internal/words"
)

// staff is a small directory with people who are easily mistaken.
func staff() []directory.Person {
	person := func(id, name, upn, mail, number string) directory.Person {
		return directory.Person{ID: directory.ID(id), DisplayName: name, UPN: upn, Mail: mail, EmployeeID: number}
	}
	return []directory.Person{
		person("joerg", "Müller, Jörg (IT)", "joerg.mueller@contoso.com", "j.mueller@contoso.com", "0042"),
		person("jana", "Jana Müller", "jana.mueller@contoso.com", "jana.mueller@contoso.com", "0043"),
		person("alex1", "Alex Meier", "alex.meier@contoso.com", "alex.meier@contoso.com", "0044"),
		person("alex2", "Alex Meier", "alex.meier2@contoso.com", "a.meier@contoso.com", "0045"),
		person("zoe", "Zoë O’Neill", "zoe@contoso.com", "zoe.oneill@contoso.com", ""),
		person("wei", "张伟", "zhang.wei@contoso.com", "", "2019"),
		person("anna", "Anna Maria Schmidt", "as@contoso.com", "as@contoso.com", ""),
		person("kim1", "Kim Lee", "kim@contoso.com", "kim.lee@contoso.com", ""),
		person("kim2", "Kim Park", "kim@fabrikam.example", "kim.park@fabrikam.example", ""),
		person("desk", "Service Desk", "desk@contoso.com", "helpdesk@contoso.com", ""),
		person("help", "Helga Help", "helpdesk@contoso.com", "helga@contoso.com", ""),
		person("guest", "Ann Guest", "ann_fabrikam.com#EXT#@contoso.com", "ann@fabrikam.com", ""),
	}
}

// text is an item in one line: "joerg matched by name, strong", or the
// candidates of one that isn't matched.
func (it Item) text() string {
	var who []string
	for _, p := range it.Candidates {
		who = append(who, string(p.ID))
	}
	switch {
	case it.Verdict == Unmatched:
		return "unmatched " + it.Why.ID
	case it.Verdict == Matched:
		return fmt.Sprintf("%s by %s, %s", it.Person.ID, it.How, it.Sure)
	case len(who) > 0:
		return fmt.Sprintf("%s %s: %s", it.Verdict, it.Why.ID, strings.Join(who, " "))
	}
	return fmt.Sprintf("%s %s of %s", it.Verdict, it.Why.ID, it.Person.ID)
}

func TestMatchByFileName(t *testing.T) {
	for _, tt := range []struct{ sentence, name, want string }{
		{"a whole userPrincipalName", "joerg.mueller@contoso.com.jpg", "joerg by upn, exact"},
		{"in capitals, in a folder, a copy", "IT/JOERG.MUELLER@CONTOSO.COM (1).JPG", "joerg by upn, exact"},
		{"a guest's", "ann_fabrikam.com#EXT#@contoso.com.png", "guest by upn, exact"},
		{"a whole mail address", "j.mueller@contoso.com.jpg", "joerg by mail, exact"},
		{"one person's mail address is another's user name", "helpdesk@contoso.com.jpg", "help by upn, exact"},
		{"the same by its local part alone", "helpdesk.jpg", "ambiguous batch.several-upn: desk help"},
		{"the local part", "joerg.mueller.jpg", "joerg by upn, strong"},
		{"the local part with an umlaut", "jörg.müller.jpg", "joerg by upn, strong"},
		{"the local part of the mail address", "zoe.oneill.jpg", "zoe by mail, strong"},
		{"a local part in two domains", "kim.jpg", "ambiguous batch.several-upn: kim1 kim2"},
		{"a number", "0042.jpg", "joerg by employee-id, exact"},
		{"a number without its noughts", "42.jpg", "unmatched batch.nobody"},
		{"a number and a name", "0042_Müller_Jörg.jpg", "joerg by employee-id, exact"},
		{"a number and somebody else's name", "0042 Alex.jpg", "ambiguous batch.number-and-name-differ: joerg"},
		{"a year that is somebody's number", "Jana Müller 2019.jpg", "ambiguous batch.number-and-name-differ: jana wei"},
		{"a year that is nobody's", "Jana Müller 2020.jpg", "jana by name, strong"},
		{"a name as it is written", "Jana Müller.jpg", "jana by name, strong"},
		{"the family name first", "Müller, Jörg.jpg", "joerg by name, strong"},
		{"underscores and no umlauts", "mueller_joerg.jpg", "joerg by name, strong"},
		{"a hump between the names", "MuellerJoerg.jpg", "joerg by name, strong"},
		{"an apostrophe", "Zoe O'Neill.jpg", "zoe by name, strong"},
		{"a name in Chinese", "张伟.jpg", "wei by name, strong"},
		{"a name that two people have", "Alex Meier.jpg", "ambiguous batch.several-name: alex1 alex2"},
		{"but one user name", "alex.meier.jpg", "alex1 by upn, strong"},
		{"part of a name", "Anna Schmidt.jpg", "anna by name, guess"},
		{"more than a name", "Jörg Peter Müller.jpg", "joerg by name, guess"},
		{"the family name alone is too little", "Müller.jpg", "unmatched batch.nobody"},
		{"what cameras write", "IMG_1234.JPG", "unmatched batch.nobody"},
		{"nothing", "", "unmatched batch.nobody"},
	} {
		got := Match([]File{{Name: tt.name}}, Table{}, staff()).Items
		if len(got) != 1 || got[0].text() != tt.want || got[0].File.Name != tt.name {
			t.Errorf("%s: %q is %q, want %q", tt.sentence, tt.name, got[0].text(), tt.want)
		}
		if (got[0].How == "") != (got[0].Verdict == Unmatched) || got[0].Why.ID == "" {
			t.Errorf("%s: %+v says too little", tt.sentence, got[0])
		}
	}
}

func TestMatchByTable(t *testing.T) {
	files := []File{{Name: "a/1.jpg"}, {Name: "b/1.jpg"}, {Name: "2.JPG"}, {Name: "jana.mueller.jpg"}, {Name: "Bo\u0308rse.jpg"}}
	for _, tt := range []struct {
		sentence string
		rows     []Row
		file     int
		want     string
		missing  string
	}{
		{"by user name, in other case", []Row{{Line: 2, File: "2.jpg", UPN: "Joerg.Mueller@contoso.com"}}, 2, "joerg by table, exact", ""},
		{"by mail", []Row{{Line: 2, File: "2.jpg", Mail: "j.mueller@contoso.com"}}, 2, "joerg by table, exact", ""},
		{"by number", []Row{{Line: 2, File: "2.jpg", EmployeeID: "0042"}}, 2, "joerg by table, exact", ""},
		{"by all of them", []Row{{Line: 2, File: "2.jpg", UPN: "joerg.mueller@contoso.com", Mail: "j.mueller@contoso.com", EmployeeID: "0042"}}, 2, "joerg by table, exact", ""},
		{"which counts before the file's name", []Row{{Line: 2, File: "jana.mueller.jpg", EmployeeID: "0042"}}, 3, "joerg by table, exact", ""},
		{"an umlaut composed otherwise", []Row{{Line: 2, File: "Börse.jpg", EmployeeID: "0042"}}, 4, "joerg by table, exact", ""},
		{"a folder", []Row{{Line: 2, File: `b\1.jpg`, EmployeeID: "0042"}}, 1, "joerg by table, exact", ""},
		{"nobody: the name of the file doesn't help out", []Row{{Line: 2, File: "jana.mueller.jpg", UPN: "nobody@contoso.com"}}, 3, "unmatched batch.table-names-nobody", ""},
		{"two people in one row", []Row{{Line: 2, File: "2.jpg", UPN: "joerg.mueller@contoso.com", EmployeeID: "0043"}}, 2, "ambiguous batch.table-names-several: joerg jana", ""},
		{"two people in two rows", []Row{{Line: 2, File: "2.jpg", EmployeeID: "0042"}, {Line: 3, File: "2.jpg", EmployeeID: "0043"}}, 2, "ambiguous batch.table-names-several: joerg jana", ""},
		{"the same in two rows", []Row{{Line: 2, File: "2.jpg", EmployeeID: "0042"}, {Line: 3, File: "2.jpg", EmployeeID: "0042"}}, 2, "joerg by table, exact", ""},
		{"a file that isn't there", []Row{{Line: 2, File: "3.jpg", EmployeeID: "0042"}}, 2, "unmatched batch.nobody", "batch.row-file-missing"},
		{"a file that is in two folders", []Row{{Line: 2, File: "1.jpg", EmployeeID: "0042"}}, 0, "unmatched batch.nobody", "batch.row-file-several"},
	} {
		plan := Match(files, Table{Rows: tt.rows}, staff())
		if got := plan.Items[tt.file].text(); got != tt.want || len(plan.Items) != len(files) {
			t.Errorf("%s: %q, want %q", tt.sentence, got, tt.want)
		}
		missing := ""
		if len(plan.Missing) > 0 {
			missing = plan.Missing[0].Why.ID
		}
		if missing != tt.missing || len(plan.Missing) > 1 {
			t.Errorf("%s: missing %q, want %q", tt.sentence, missing, tt.missing)
		}
	}
}

func TestDuplicatesWaitForSomebody(t *testing.T) {
	same := [32]byte{1}
	for _, tt := range []struct {
		sentence string
		files    []File
		want     []string
	}{
		{"two files for one person", []File{{Name: "0042.jpg"}, {Name: "joerg.mueller.jpg"}, {Name: "jana.mueller.jpg"}},
			[]string{"duplicate batch.same-person of joerg", "duplicate batch.same-person of joerg", "jana by upn, strong"}},
		{"one picture twice for one person: the first is enough", []File{{Name: "0042.jpg", Hash: same}, {Name: "joerg.mueller.jpg", Hash: same}},
			[]string{"joerg by employee-id, exact", "duplicate batch.same-picture of joerg"}},
		{"one picture for two people: one name is wrong", []File{{Name: "0042.jpg", Hash: same}, {Name: "0043.jpg", Hash: same}},
			[]string{"duplicate batch.same-picture of joerg", "duplicate batch.same-picture of jana"}},
		{"one picture under a name that nobody has", []File{{Name: "x.jpg", Hash: same}, {Name: "0043.jpg", Hash: same}},
			[]string{"unmatched batch.nobody", "duplicate batch.same-picture of jana"}},
		{"pictures whose hashes aren't known", []File{{Name: "0042.jpg"}, {Name: "0043.jpg"}},
			[]string{"joerg by employee-id, exact", "jana by employee-id, exact"}},
		{"an unreadable one is for nobody", []File{{Name: "0042.jpg", Trouble: words.Message{ID: "picture.broken"}}, {Name: "joerg.mueller.jpg"}},
			[]string{"unreadable picture.broken of ", "joerg by upn, strong"}},
	} {
		var got []string
		for _, it := range Match(tt.files, Table{}, staff()).Items {
			got = append(got, it.text())
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.sentence, got, tt.want)
		}
	}
}

// TestCluesFindEverybody matches against a directory that answers clues alone,
// as Graph does: nobody is missed for not having been looked up.
func TestCluesFindEverybody(t *testing.T) {
	names := []string{
		"joerg.mueller@contoso.com.jpg", "j.mueller@contoso.com.jpg", "jörg.müller.jpg", "kim.jpg", "helpdesk.jpg", "0042.jpg", "0042_Müller_Jörg.jpg",
		"Jana Müller 2019.jpg", "Müller, Jörg.jpg", "mueller_joerg.jpg", "MuellerJoerg.jpg", "Zoe ONeill.jpg", "张伟.jpg", "Alex Meier.jpg",
		"Jörg Peter Müller.jpg", "Anna Schmidt.jpg", "IMG_1234.jpg", "1.jpg",
	}
	table := Table{Rows: []Row{{Line: 2, File: "1.jpg", UPN: "as@contoso.com"}}}
	var files []File
	for _, name := range names {
		files = append(files, File{Name: name})
	}
	found := answer(staff(), Clues(files, table))
	plan := Match(files, table, found)
	found = append(found, answer(staff(), NameClues(plan))...)
	got, want := Match(files, table, found), Match(files, table, staff())
	for i := range files {
		sameSet := func(a, b Item) bool { return len(a.Candidates) == len(b.Candidates) && a.Verdict == b.Verdict }
		if got.Items[i].text() != want.Items[i].text() && !sameSet(got.Items[i], want.Items[i]) {
			t.Errorf("%s: %q by look-ups, %q in the whole directory", names[i], got.Items[i].text(), want.Items[i].text())
		}
	}
	if slices.ContainsFunc(found, func(p directory.Person) bool { return p.ID == "guest" }) {
		t.Error("somebody was found whom no file names")
	}
}

// answer is what a directory answers to clues.
func answer(people []directory.Person, clues []directory.Clue) []directory.Person {
	var found []directory.Person
	for _, c := range clues {
		for _, p := range people {
			begins := func(word string) bool {
				_, letters := plain(strings.ReplaceAll(p.DisplayName, "’", ""))
				_, want := plain(word)
				return slices.ContainsFunc(wordsOf(letters), func(w string) bool { return strings.HasPrefix(w, want) })
			}
			if is := map[directory.ClueKind]bool{
				directory.ByAddress:    strings.EqualFold(p.UPN, c.Text) || strings.EqualFold(p.Mail, c.Text),
				directory.ByLocalPart:  strings.HasPrefix(strings.ToLower(p.UPN), c.Text+"@") || strings.HasPrefix(strings.ToLower(p.Mail), c.Text+"@"),
				directory.ByEmployeeID: p.EmployeeID == c.Text,
				directory.ByName:       !slices.ContainsFunc(wordsOf(c.Text), func(w string) bool { return !begins(w) }),
			}; is[c.By] {
				found = append(found, p)
			}
		}
	}
	return found
}

// many are people with names full of umlauts, and files that are each called
// after one of them in one of four ways.
func many(people, files int) ([]File, []directory.Person) {
	all := make([]directory.Person, people)
	for i := range all {
		all[i] = directory.Person{
			ID: directory.ID(fmt.Sprint(i)), DisplayName: fmt.Sprintf("Jörg%s Müller%s", letters(i), letters(i/7)),
			UPN: fmt.Sprintf("p%d@contoso.com", i), Mail: fmt.Sprintf("p%d@contoso.com", i), EmployeeID: fmt.Sprintf("E%d", i),
		}
	}
	names := make([]File, files)
	for i := range names {
		who := all[i*people/files]
		names[i].Name = []string{who.UPN, directory.LocalPart(who.Mail), who.EmployeeID, who.DisplayName}[i%4] + ".jpg"
	}
	return names, all
}

// TestMatchManyAmongMany holds that ten times as many files among ten times as
// many people take about ten times as long, not a hundred times.
func TestMatchManyAmongMany(t *testing.T) {
	took := func(people, files int) time.Duration {
		names, all := many(people, files)
		start := time.Now()
		plan := Match(names, Table{}, all)
		took := time.Since(start)
		for i, it := range plan.Items {
			if it.Verdict != Matched || it.Person.ID != all[i*people/files].ID {
				t.Fatalf("%s: %s", it.File.Name, it.text())
			}
		}
		return took
	}
	few := min(took(1000, 1000), took(1000, 1000), took(1000, 1000))
	many := min(took(10_000, 10_000), took(10_000, 10_000))
	if t.Logf("%v, then %v", few, many); many > 50*few {
		t.Errorf("ten times as many took %.0f times as long", float64(many)/float64(few))
	}
}

// BenchmarkMatch matches the largest batch in a large tenant.
func BenchmarkMatch(b *testing.B) {
	names, all := many(100_000, MaxFiles)
	for b.Loop() {
		Match(names, Table{}, all)
	}
}

// letters writes i in letters, for names.
func letters(i int) string {
	return strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprint(i))
}
