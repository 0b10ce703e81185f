package words

import (
	"io/fs"
	"slices"
	"strings"
	"time"
)

// Languages are the tags of the languages there are, the default first: the
// names of the files of this package. Each is the value of an HTML lang
// attribute.
var Languages = languages()

func languages() []string {
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	var tags []string
	for _, name := range names {
		tags = append(tags, strings.TrimSuffix(name, ".json"))
	}
	slices.SortFunc(tags, func(a, b string) int {
		switch {
		case a == "en":
			return -1
		case b == "en":
			return 1
		}
		return strings.Compare(a, b)
	})
	return tags
}

// Language is one that a person can choose.
type Language struct {
	Tag  string // as in Languages
	Name string // in the language itself: "English", "中文"
}

// Others returns the languages that p doesn't print in.
func (p Printer) Others() []Language {
	var others []Language
	for _, tag := range Languages {
		if tag != p.lang {
			others = append(others, Language{Tag: tag, Name: p.catalog.Printer(tag, "").T("language.name")})
		}
	}
	return others
}

// Date returns t as people write it, to the minute, in UTC: the reader's own zone
// isn't known here. Scripts of the page put it into that.
func (p Printer) Date(t time.Time) string {
	t = t.UTC()
	month := t.Format("1")
	if names := strings.Split(p.T("language.months"), ","); len(names) == 12 {
		month = strings.TrimSpace(names[t.Month()-1])
	}
	return p.T("language.date", "Year", t.Format("2006"), "Month", month, "Day", t.Format("2"), "Time", t.Format("15:04"))
}
