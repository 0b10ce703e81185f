package batch

import (
	"path"
	"slices"
	"strings"
	"unicode"

	"portrait/internal/directory"
	"portrait/internal/words"
)

// index finds people by whatever a file may be called after. The values are
// places in people.
type index struct {
	people    []directory.Person
	upn       map[string][]int32
	mail      map[string][]int32
	upnLocal  map[string][]int32
	mailLocal map[string][]int32
	number    map[string][]int32
	names     map[string][]int32 // by all words of the name
	parts     map[string][]int32 // by some of them
}

func newIndex(people []directory.Person) *index {
	n := len(people)
	x := &index{
		people: people, upn: make(map[string][]int32, n), mail: make(map[string][]int32, n), upnLocal: make(map[string][]int32, n),
		mailLocal: make(map[string][]int32, n), number: make(map[string][]int32), names: make(map[string][]int32, n), parts: map[string][]int32{},
	}
	seen := make(map[directory.ID]bool, n)
	for i, p := range people {
		if p.ID == "" || seen[p.ID] { // found by two clues
			continue
		}
		seen[p.ID] = true
		x.add(int32(i), p)
	}
	return x
}

func (x *index) add(i int32, p directory.Person) {
	put := func(in map[string][]int32, key string) {
		if key != "" && !slices.Contains(in[key], i) {
			in[key] = append(in[key], i)
		}
	}
	put(x.upn, fold(p.UPN))
	put(x.mail, fold(p.Mail))
	put(x.number, fold(p.EmployeeID))
	for _, s := range spellings(directory.LocalPart(p.UPN)) {
		put(x.upnLocal, s)
	}
	for _, s := range spellings(directory.LocalPart(p.Mail)) {
		put(x.mailLocal, s)
	}
	name := nameWords(brackets.ReplaceAllString(p.DisplayName, " "))
	for _, key := range nameKeys(name) {
		put(x.names, key)
	}
	someOf(name, func(some []string) {
		for _, key := range nameKeys(some) {
			put(x.parts, key)
		}
	})
}

// byAddress finds whose whole address the file is called after.
func (x *index) byAddress(stem string) (Item, bool) {
	address := fold(stem)
	if it, ok := x.matched(x.upn[address], ByUPN, Exact, words.M("batch.by-upn"), words.M("batch.several-upn")); ok {
		return it, true
	}
	return x.matched(x.mail[address], ByMail, Exact, words.M("batch.by-mail"), words.M("batch.several-mail"))
}

// byNumber finds whose employeeId the file is called after, be it with a name
// beside it: "0042_Müller". A number beside the name of somebody else may be a
// year: then both are proposed.
func (x *index) byNumber(stem string) (Item, bool) {
	if it, ok := x.matched(x.number[fold(stem)], ByEmployeeID, Exact, words.M("batch.by-employee-id"), words.M("batch.several-employee-id")); ok {
		return it, true
	}
	var found, agreeing []int32
	name := nameWords(stem)
	for _, w := range wordsOf(stem) {
		if !strings.ContainsFunc(w, unicode.IsDigit) {
			continue
		}
		for _, i := range x.number[fold(w)] {
			found = append(found, i)
			if shareWord(name, nameWords(x.people[i].DisplayName)) {
				agreeing = append(agreeing, i)
			}
		}
	}
	switch {
	case len(found) == 0:
		return Item{}, false
	case len(agreeing) > 0:
		return x.matched(agreeing, ByEmployeeID, Exact, words.M("batch.by-number-and-name"), words.M("batch.several-employee-id"))
	case len(name) > 0:
		return x.ambiguous(unique(append(found, x.named(stem)...)), ByEmployeeID, words.M("batch.number-and-name-differ")), true
	}
	return x.matched(found, ByEmployeeID, Strong, words.M("batch.by-employee-id"), words.M("batch.several-employee-id"))
}

// shareWord reports whether a word of one name is in the other, however it is
// written.
func shareWord(one, other []string) bool {
	have := map[string]bool{}
	for _, w := range one {
		spelledOut, bareLetters := plain(w)
		have[spelledOut], have[bareLetters] = true, true
	}
	return slices.ContainsFunc(other, func(w string) bool {
		spelledOut, bareLetters := plain(w)
		return have[spelledOut] || have[bareLetters]
	})
}

// byLocalPart finds in front of whose @ the file's name stands.
func (x *index) byLocalPart(stem string) (Item, bool) {
	var upn, mail []int32
	for _, s := range spellings(stem) {
		upn, mail = append(upn, x.upnLocal[s]...), append(mail, x.mailLocal[s]...)
	}
	switch {
	case len(upn) == 0:
		return x.matched(mail, ByMail, Strong, words.M("batch.by-mail"), words.M("batch.several-mail"))
	case len(mail) == 0 || slices.Equal(unique(upn), unique(mail)):
		return x.matched(upn, ByUPN, Strong, words.M("batch.by-upn"), words.M("batch.several-upn"))
	}
	// Somebody's mail address may begin as somebody else's user name does.
	return x.matched(append(upn, mail...), ByUPN, Strong, words.M("batch.by-upn"), words.M("batch.several-upn"))
}

// byWords finds who has the name that the file is called.
func (x *index) byWords(stem string) (Item, bool) {
	return x.matched(x.named(stem), ByName, Strong, words.M("batch.by-name"), words.M("batch.several-name"))
}

func (x *index) named(stem string) []int32 {
	var found []int32
	for _, name := range []string{stem, humps(stem)} {
		for _, key := range nameKeys(nameWords(name)) {
			found = append(found, x.names[key]...)
		}
		if len(found) > 0 {
			break
		}
	}
	return unique(found)
}

// byPartOfName finds who has part of the name that the file is called, or of
// whose name it is part: two words at least.
func (x *index) byPartOfName(stem string) (Item, bool) {
	var found []int32
	for _, name := range []string{stem, humps(stem)} {
		all := nameWords(name)
		if len(all) > 1 {
			for _, key := range nameKeys(all) {
				found = append(found, x.parts[key]...)
			}
		}
		someOf(all, func(some []string) {
			for _, key := range nameKeys(some) {
				found = append(found, x.names[key]...)
			}
		})
	}
	return x.matched(found, ByName, Guess, words.M("batch.by-part-of-name"), words.M("batch.several-name"))
}

// rowsOf are the rows of a table by the file that they name.
type rowsOf struct {
	of      map[int][]Row
	missing []Missing
}

// newRows finds the files that rows name: by the whole path where that is one,
// else by the last part of it. A name that stands in several folders is
// nobody's: the table must say which.
func newRows(files []File, rows []Row) rowsOf {
	byPath, byBase := map[string][]int{}, map[string][]int{}
	if len(rows) > 0 {
		for i, f := range files {
			p := tablePath(f.Name)
			byPath[p] = append(byPath[p], i)
			byBase[path.Base(p)] = append(byBase[path.Base(p)], i)
		}
	}
	out := rowsOf{of: map[int][]Row{}}
	for _, r := range rows {
		p := tablePath(r.File)
		found := byPath[p]
		if len(found) == 0 {
			found = byBase[path.Base(p)]
		}
		switch len(found) {
		case 0:
			out.missing = append(out.missing, Missing{r, words.M("batch.row-file-missing", "Line", r.Line, "File", r.File)})
		case 1:
			out.of[found[0]] = append(out.of[found[0]], r)
		default:
			out.missing = append(out.missing, Missing{r, words.M("batch.row-file-several", "Line", r.Line, "File", r.File)})
		}
	}
	return out
}

func tablePath(name string) string {
	return strings.TrimPrefix(fold(strings.ReplaceAll(name, `\`, "/")), "./")
}
