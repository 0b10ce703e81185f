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
	return p.T("language.date", "Year", t.Format("2006"), "Month", p.month(t, p.T("language.months")), "Day", t.Format("2"), "Time", t.Format("15:04"))
}

// Day returns the day of t, in UTC, as short as a chart wants it: without the
// year, unless year says so.
func (p Printer) Day(t time.Time, year bool) string {
	t = t.UTC()
	month, day := p.month(t, p.T("language.months-short")), t.Format("2")
	if year {
		return p.T("language.day-year", "Year", t.Format("2006"), "Month", month, "Day", day)
	}
	return p.T("language.day", "Month", month, "Day", day)
}

// month returns the name of t's month, of twelve with commas between, or its
// number where there are no names.
func (p Printer) month(t time.Time, names string) string {
	if all := strings.Split(names, ","); len(all) == 12 {
		return strings.TrimSpace(all[t.Month()-1])
	}
	return t.Format("1")
}
