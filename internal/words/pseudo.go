package words

import (
	"strings"
	"unicode/utf8"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// filler is what a pseudo text is lengthened with: words, which may wrap.
const filler = "vîvámus pörta lîgula nön dölör síve tempüs quíd ñunc ällös "

// accents makes Latin letters look foreign, so that a text that isn't from the
// catalogue is seen at once.
var accents = strings.NewReplacer("a", "á", "e", "é", "i", "î", "o", "ö", "u", "ü", "n", "ñ", "c", "ç", "A", "Â", "E", "Ë", "S", "Š", "T", "Ŧ")

// Pseudo returns a printer of a language that nobody speaks: English with
// accents, in brackets and 40 % longer, as translations may be. Layouts are
// looked at in it; it is no language of the site.
func (c *Catalog) Pseudo() Printer {
	return Printer{catalog: c, lang: "en", localizer: i18n.NewLocalizer(c.bundle, "en"), pseudo: true}
}

// lengthened returns text as Pseudo says it. What stands in {braces} stays, for
// scripts to put in.
func lengthened(text string) string {
	var b strings.Builder
	b.WriteString("[")
	rest := text
	for {
		before, after, ok := strings.Cut(rest, "{")
		b.WriteString(accents.Replace(before))
		if !ok {
			break
		}
		name, following, _ := strings.Cut(after, "}")
		b.WriteString("{" + name + "}")
		rest = following
	}
	more := max(0, utf8.RuneCountInString(text)*2/5-2)
	b.WriteString(strings.TrimRight(" "+string([]rune(strings.Repeat(filler, more/len([]rune(filler))+1))[:more]), " "))
	b.WriteString("]")
	return b.String()
}

// lengthenedAll returns the texts of scripts, or plural forms, as Pseudo says
// them.
func lengthenedAll(texts map[string]any) map[string]any {
	longer := map[string]any{}
	for key, text := range texts {
		switch t := text.(type) {
		case string:
			longer[key] = lengthened(t)
		case map[string]any:
			longer[key] = lengthenedAll(t)
		}
	}
	return longer
}
