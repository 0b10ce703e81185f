// Package words holds every sentence that people read, in every language, and
// prints it.
//
// A language is one file: en.json is the source, the others have the same keys.
// Keys are "area.what-it-says"; values are text or plural forms, with
// {{.Name}} for what is put in. Keys that begin with "script." are sent to the
// scripts of the page, with {Name} for what they put in.
package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"text/template"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed *.json
var files embed.FS

// Message names a sentence and what is put into it. The value under "Count"
// chooses the plural form.
type Message struct {
	ID   string
	Data map[string]any
}

// M returns the message with the given id and the values put into it, as
// alternating names and values: M("list.people", "Count", 3). The id is a
// literal, so that a test can tell whether it exists.
func M(id string, pairs ...any) Message {
	if len(pairs) == 0 {
		return Message{ID: id}
	}
	data := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		data[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return Message{ID: id, Data: data}
}

// Languages are the tags of the languages there are, the default first. Each
// is the name of a file and the value of an HTML lang attribute.
var Languages = []string{"en", "zh-Hans"}

// Catalog holds all languages.
type Catalog struct {
	bundle  *i18n.Bundle
	matcher language.Matcher
	scripts map[string]map[string]string // by language: what scripts say
}

// New loads the languages. It fails if a file of this package is malformed.
func New() (*Catalog, error) {
	c := &Catalog{bundle: i18n.NewBundle(language.English), scripts: map[string]map[string]string{}}
	c.bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	var tags []language.Tag
	for _, lang := range Languages {
		if _, err := c.bundle.LoadMessageFileFS(files, lang+".json"); err != nil {
			return nil, fmt.Errorf("words: %w", err)
		}
		tags = append(tags, language.Make(lang))
		texts, err := scriptTexts(lang)
		if err != nil {
			return nil, fmt.Errorf("words: %w", err)
		}
		c.scripts[lang] = texts
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

// Printer returns the printer for a person who chose the language chosen ("" =
// none) and whose browser sent acceptLanguage.
func (c *Catalog) Printer(chosen, acceptLanguage string) Printer {
	const enough = 256 // of an honest header; parsing a longer one costs time for nothing
	if len(acceptLanguage) > enough {
		acceptLanguage = acceptLanguage[:enough]
		acceptLanguage = acceptLanguage[:strings.LastIndexByte(acceptLanguage, ',')+1]
	}
	// The index, not the matcher's tag: for zh-TW the tag is zh-Hans-u-rg-twzzzz.
	_, i := language.MatchStrings(c.matcher, chosen, acceptLanguage)
	return Printer{catalog: c, lang: Languages[i], localizer: i18n.NewLocalizer(c.bundle, Languages[i])}
}

// Printer prints messages in one language. Make one with Catalog.Printer.
type Printer struct {
	catalog   *Catalog
	lang      string
	localizer *i18n.Localizer
}

// Lang returns the language's tag, "en" or "zh-Hans".
func (p Printer) Lang() string { return p.lang }

// Say returns m as a sentence. A message that doesn't exist is shown by its id;
// a test makes sure that there is none.
func (p Printer) Say(m Message) string {
	config := &i18n.LocalizeConfig{MessageID: m.ID, TemplateData: m.Data}
	if count, ok := m.Data["Count"]; ok {
		config.PluralCount = count
	}
	text, err := p.localizer.Localize(config)
	if err != nil {
		return m.ID
	}
	return text
}

// T is Say(M(id, pairs...)), for views.
func (p Printer) T(id string, pairs ...any) string { return p.Say(M(id, pairs...)) }

// Date returns t as people write it, to the minute, in UTC: the reader's own zone
// isn't known here. Scripts of the page put it into that.
func (p Printer) Date(t time.Time) string {
	if p.lang == "zh-Hans" {
		return t.UTC().Format("2006年1月2日 15:04 UTC")
	}
	return t.UTC().Format("2 January 2006, 15:04 UTC")
}

// Day returns the day of t, in UTC, as short as a chart wants it: without the
// year, unless year says so.
func (p Printer) Day(t time.Time, year bool) string {
	layouts := map[bool]string{false: "2 Jan", true: "2 Jan 2006"}
	if p.lang == "zh-Hans" {
		layouts = map[bool]string{false: "1月2日", true: "2006年1月2日"}
	}
	return t.UTC().Format(layouts[year])
}

// Script returns what the scripts of a page say, by key without "script.".
func (p Printer) Script() map[string]string { return p.catalog.scripts[p.lang] }

// scriptTexts returns the script.* messages of lang with {Name} for each value
// that the script puts in.
func scriptTexts(lang string) (map[string]string, error) {
	raw, err := files.ReadFile(lang + ".json")
	if err != nil {
		return nil, err
	}
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for key, value := range all {
		name, ok := strings.CutPrefix(key, "script.")
		if !ok {
			continue
		}
		text, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("%s: %s: scripts have no plural forms", lang, key)
		}
		if _, err := template.New(key).Parse(text); err != nil {
			return nil, err
		}
		texts[name] = strings.NewReplacer("{{.", "{", "}}", "}").Replace(text)
	}
	return texts, nil
}
