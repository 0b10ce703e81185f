// Package words holds every sentence that people read, in every language, and
// prints it.
//
// A language is one file: en.json is the source, the others have the same keys.
// docs/languages.md says how to add one. Keys are "area.what-it-says"; values are text or plural forms, with
// {{.Name}} for what is put in; numbers are written as the language does. Keys that begin with "script." are sent to the
// scripts of the page, with {Name} for what they put in.
package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"text/template"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
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

// Catalog holds all languages.
type Catalog struct {
	bundle  *i18n.Bundle
	matcher language.Matcher
	plain   map[string]map[string]string // by language: the messages that nothing is put into
	scripts map[string]map[string]any    // by language: what scripts say, a text or its plural forms
}

// New loads the languages. It fails if a file of this package is malformed.
func New() (*Catalog, error) {
	c := &Catalog{bundle: i18n.NewBundle(language.English), plain: map[string]map[string]string{}, scripts: map[string]map[string]any{}}
	c.bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	var tags []language.Tag
	for _, lang := range Languages {
		if _, err := c.bundle.LoadMessageFileFS(files, lang+".json"); err != nil {
			return nil, fmt.Errorf("words: %w", err)
		}
		tags = append(tags, language.Make(lang))
		if err := c.load(lang); err != nil {
			return nil, fmt.Errorf("words: %s: %w", lang, err)
		}
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
	pseudo    bool // see Pseudo
}

// Lang returns the language's tag, "en" or "zh-Hans".
func (p Printer) Lang() string { return p.lang }

// Say returns m as a sentence. A message that doesn't exist is shown by its id;
// a test makes sure that there is none.
func (p Printer) Say(m Message) string {
	text, plain := p.catalog.plain[p.lang][m.ID]
	if !plain {
		config := &i18n.LocalizeConfig{MessageID: m.ID, TemplateData: p.written(m.Data)}
		if count, ok := m.Data["Count"]; ok {
			config.PluralCount = count
		}
		var err error
		if text, err = p.localizer.Localize(config); err != nil {
			return m.ID
		}
	}
	if p.pseudo {
		return lengthened(text)
	}
	return text
}

// written returns data with its numbers as the language writes them: 1,234.
func (p Printer) written(data map[string]any) map[string]any {
	written := make(map[string]any, len(data))
	for name, value := range data {
		switch n := value.(type) {
		case int, int64:
			written[name] = message.NewPrinter(language.Make(p.lang)).Sprint(number.Decimal(n))
		default:
			written[name] = value
		}
	}
	return written
}

// T is Say(M(id, pairs...)), for views.
func (p Printer) T(id string, pairs ...any) string { return p.Say(M(id, pairs...)) }

// Script returns the messages with the given keys, without "script.", as scripts
// take them: a text, or its plural forms by name.
func (p Printer) Script(keys []string) map[string]any {
	said := make(map[string]any, len(keys))
	for _, key := range keys {
		if text, ok := p.catalog.scripts[p.lang][key]; ok {
			said[key] = text
		}
	}
	if p.pseudo {
		return lengthenedAll(said)
	}
	return said
}

// load keeps what needs no localizer of lang: the messages that nothing is put
// into, most of what a page says, and those of scripts.
func (c *Catalog) load(lang string) error {
	raw, err := files.ReadFile(lang + ".json")
	if err != nil {
		return err
	}
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	c.plain[lang], c.scripts[lang] = map[string]string{}, map[string]any{}
	for key, value := range all {
		if name, ok := strings.CutPrefix(key, "script."); ok {
			if c.scripts[lang][name], err = scriptText(value); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			continue
		}
		if text, ok := value.(string); ok && !strings.Contains(text, "{{") {
			c.plain[lang][key] = text
		}
	}
	return nil
}

// scriptText returns a text, or plural forms, as scripts take it: with {Name} for
// each value that the script puts in.
func scriptText(value any) (any, error) {
	switch v := value.(type) {
	case string:
		if _, err := template.New("").Parse(v); err != nil {
			return nil, err
		}
		return strings.NewReplacer("{{.", "{", "}}", "}").Replace(v), nil
	case map[string]any:
		forms := map[string]any{}
		for form, text := range v {
			var err error
			if forms[form], err = scriptText(text); err != nil {
				return nil, err
			}
		}
		return forms, nil
	}
	return nil, fmt.Errorf("it is neither a text nor plural forms")
}
