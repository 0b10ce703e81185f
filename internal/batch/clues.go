package batch

import (
	"strings"
	"unicode"

	"portrait/internal/directory"
)

// Clues returns what has to be looked up in the directory to match files and
// table by addresses and numbers, each once. Nothing is looked up for a file
// that is unreadable.
func Clues(files []File, table Table) []directory.Clue {
	var all clues
	for _, r := range table.Rows {
		all.add(directory.ByAddress, r.UPN)
		all.add(directory.ByAddress, r.Mail)
		all.add(directory.ByEmployeeID, r.EmployeeID)
	}
	told := newRows(files, table.Rows).of
	for i, f := range files {
		if f.Trouble.ID == "" && len(told[i]) == 0 {
			all.addFile(stem(f.Name))
		}
	}
	return all.list
}

// NameClues returns what more has to be looked up to match by name what isn't
// matched in plan, or has a number that may be none, each once.
func NameClues(plan Plan) []directory.Clue {
	var all clues
	for _, it := range plan.Items {
		open := it.Verdict == Unmatched && it.How != ByTable || it.Verdict == Ambiguous && it.How == ByEmployeeID
		if !open {
			continue
		}
		for _, name := range []string{stem(it.File.Name), humps(stem(it.File.Name))} {
			all.addName(nameWords(name))
		}
	}
	return all.list
}

// clues collects clues, each once.
type clues struct {
	list []directory.Clue
	seen map[directory.Clue]bool
}

func (c *clues) add(by directory.ClueKind, text string) {
	text = strings.TrimSpace(fold(text))
	clue := directory.Clue{By: by, Text: text}
	if text == "" || c.seen[clue] {
		return
	}
	if c.seen == nil {
		c.seen = map[directory.Clue]bool{}
	}
	c.seen[clue] = true
	c.list = append(c.list, clue)
}

// addFile adds what a file's name may be beside a person's name.
func (c *clues) addFile(stem string) {
	if strings.Contains(stem, "@") {
		c.add(directory.ByAddress, stem)
		return
	}
	if !strings.Contains(stem, " ") { // there is none in an address
		for _, s := range spellings(stem) {
			c.add(directory.ByLocalPart, s)
		}
	}
	if !strings.ContainsFunc(stem, unicode.IsDigit) {
		return
	}
	c.add(directory.ByEmployeeID, stem)
	for _, w := range wordsOf(stem) {
		if strings.ContainsFunc(w, unicode.IsDigit) {
			c.add(directory.ByEmployeeID, w)
		}
	}
}

// addName adds a name in each way of writing it. The directory finds who has
// all of its words, so a long name is looked for by its first and last word too.
func (c *clues) addName(name []string) {
	if len(name) == 0 || len(name) > maxWords {
		return
	}
	ways := [][]string{name}
	if len(name) > 2 {
		ways = append(ways, []string{name[0], name[len(name)-1]})
	}
	for _, w := range ways {
		text := strings.Join(w, " ")
		for _, s := range spellings(text) {
			c.add(directory.ByName, s)
		}
		c.add(directory.ByName, umlauts(fold(text)))
	}
}

// umlauts writes ä, ö and ü where text spells them out. It makes "Joel" into
// "Jöl", which finds nobody and does no harm.
func umlauts(text string) string {
	return strings.NewReplacer("ae", "ä", "oe", "ö", "ue", "ü").Replace(text)
}
