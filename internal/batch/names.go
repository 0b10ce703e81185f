package batch

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxNameRunes is how much of a file's name is looked at. Names of files have
// 255 bytes; what is longer is no name of anybody.
const maxNameRunes = 255

// maxWords is how many words of a name are compared; titles and brackets don't
// count. Longer names only match whole addresses and numbers.
const maxWords = 8

// endings are those of files that hold a picture or once did.
var endings = regexp.MustCompile(`(?i)\.(jpe?g|jpe|jfif|png|webp|gif|heic|heif|avif|bmp|tiff?)$`)

// copies are what computers put behind the name of a second file with the same
// name, in the languages of the offices that we know of.
var copies = regexp.MustCompile(`(?i)(\s*\(\d{1,3}\)|\s*\[\d{1,3}\]|[\s._–-]+(copy|kopie|copie|copia|kopia|kopi|副本)(\s*\d{1,3})?)$`)

// brackets are asides in a display name: "Müller, Jörg (IT)".
var brackets = regexp.MustCompile(`[(\[（].*?[)\]）]`)

// titles stand in names and belong to nobody's.
var titles = []string{
	"dr", "prof", "professor", "dipl", "ing", "med", "phd", "mba", "msc", "bsc", "herr", "frau", "mr", "mrs", "ms", "miss",
	"sir", "jr", "sr", "photo", "foto", "picture", "bild", "portrait", "badge", "passfoto",
}

// spelled writes letters with two where a keyboard hasn't got them; bare leaves
// away what is on top. Both are in use for the same people.
var (
	spelled = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ø", "oe", "å", "aa", "æ", "ae", "œ", "oe", "ß", "ss", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i")
	bare    = strings.NewReplacer("ø", "o", "æ", "ae", "œ", "oe", "ß", "ss", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i")
)

// clean returns text in the one form that Unicode has for it (NFC), without
// control characters and the marks that turn the direction of writing.
func clean(text string) string {
	if isASCII(text) && !strings.ContainsFunc(text, unicode.IsControl) {
		return text
	}
	text = strings.ToValidUTF8(text, "�")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
	return norm.NFC.String(text)
}

// fold returns text so that two that differ in case alone, or in a letter's
// width, are the same. (cases.Fold of x/text turns the small letters of
// Cherokee into capitals and the capitals into small ones.)
func fold(text string) string {
	text = clean(text)
	if isASCII(text) {
		return strings.ToLower(text)
	}
	return norm.NFKC.String(strings.Map(lowest, norm.NFKC.String(text)))
}

// lowest returns the one letter that stands for all that are r in some case.
// To Unicode the iota below a Greek vowel, a mark, is one of them.
func lowest(r rune) rune {
	first := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		if other < first && unicode.IsLetter(other) || !unicode.IsLetter(first) {
			first = other
		}
	}
	return unicode.ToLower(first)
}

// stem returns the name of a file without its folders, its ending, and what
// computers add to the name of a copy: "mueller_joerg" of
// `badges\mueller_joerg (1).JPG`.
func stem(name string) string {
	name = path.Base(strings.ReplaceAll(clean(name), `\`, "/"))
	if name == "/" || name == "." {
		return ""
	}
	if runes := []rune(name); len(runes) > maxNameRunes {
		name = string(runes[:maxNameRunes])
	}
	for before := ""; before != name; {
		before = name
		for _, behind := range []*regexp.Regexp{endings, copies} {
			if shorter := strings.TrimSpace(behind.ReplaceAllString(name, "")); shorter != "" {
				name = shorter
			}
		}
	}
	return name
}

// spellings returns text folded, as it is and in the two ways of writing it in
// plain letters, each once.
func spellings(text string) []string {
	text = fold(text)
	if isASCII(text) {
		return []string{text}
	}
	var all []string
	for _, s := range []string{text, withoutMarks(spelled.Replace(text)), withoutMarks(bare.Replace(text))} {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// plain returns text folded and in plain letters, in the two ways of writing
// it: they are the same where there is nothing to choose.
func plain(text string) (spelledOut, bareLetters string) {
	text = fold(text)
	if isASCII(text) {
		return text, text
	}
	return withoutMarks(spelled.Replace(text)), withoutMarks(bare.Replace(text))
}

func withoutMarks(text string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(text)))
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// wordsOf parts a name where there is neither a letter nor a digit: "Müller,
// Jörg" and "mueller_joerg" have two. An apostrophe is part of its word, and
// isn't written: "O’Neill" and "ONeill" are the same.
func wordsOf(name string) []string {
	name = strings.NewReplacer("'", "", "’", "", "ʼ", "", "`", "", "´", "").Replace(name)
	return strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) })
}

// humps parts words that only a capital parts: "MuellerJoerg".
func humps(name string) string {
	var out strings.Builder
	before := rune(' ')
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
		before = r
	}
	return out.String()
}

// nameWords returns the words of name that are part of somebody's name: no
// titles, nothing with a digit or without a letter.
func nameWords(name string) []string {
	var all []string
	for _, w := range wordsOf(name) {
		if !strings.ContainsFunc(w, unicode.IsDigit) && strings.ContainsFunc(w, unicode.IsLetter) && !slices.Contains(titles, strings.ToLower(w)) {
			all = append(all, w)
		}
	}
	return all
}

// nameKeys returns the keys under which the words are the same name in
// whatever order and spelling. There are none for more than maxWords.
func nameKeys(words []string) []string {
	if len(words) == 0 || len(words) > maxWords {
		return nil
	}
	spelledOut, bareLetters := make([]string, len(words)), make([]string, len(words))
	for i, w := range words {
		spelledOut[i], bareLetters[i] = plain(w)
	}
	keys := []string{sorted(spelledOut)}
	if k := sorted(bareLetters); k != keys[0] {
		keys = append(keys, k)
	}
	return keys
}

func sorted(words []string) string {
	slices.Sort(words)
	return strings.Join(words, " ")
}

// someOf calls use with every choice of at least two, but not all, of words.
// Of more than six words it only tries the first with the last: a name has no
// more, and their choices are many.
func someOf(words []string, use func(chosen []string)) {
	n := len(words)
	if n < 3 {
		return
	}
	if n > 6 {
		use([]string{words[0], words[n-1]})
		return
	}
	for mask := 1; mask < 1<<n-1; mask++ {
		var chosen []string
		for i, w := range words {
			if mask&(1<<i) != 0 {
				chosen = append(chosen, w)
			}
		}
		if len(chosen) > 1 {
			use(chosen)
		}
	}
}
