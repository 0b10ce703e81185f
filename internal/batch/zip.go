package batch

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"portrait/internal/fault"
	"portrait/internal/words"
)

// What a zip may be, at most. Pictures hardly shrink, so an honest one is far
// from all of them.
const (
	MaxZipBytes     = 1 << 30 // of the zip itself
	MaxZipEntries   = 5_000   // folders included
	MaxZipTotal     = 1 << 30 // bytes of all entries together, unpacked
	MaxZipRatio     = 100     // unpacked to packed, of each entry
	maxZipNameBytes = 1_000
)

// Entry is a file in an Archive.
type Entry struct {
	Name  string // as the zip has it, in UTF-8 and NFC, with slashes
	Bytes int64  // unpacked
	Table bool   // a CSV, by its name

	// Skip says why the entry isn't taken; zero for one that is.
	Skip words.Message
}

// Archive is a zip that was found harmless as far as its directory tells. What
// its entries really hold, Verify tells.
type Archive struct {
	Entries []Entry

	files []*zip.File // of Entries
}

// errDirectory says that a zip's directory is at odds with itself.
var errDirectory = errors.New("batch: the directory of the zip is at odds with itself")

// OpenArchive reads the directory of a zip of size bytes. Folders aren't
// listed; everything else is, also what is skipped.
//
// It fails with fault.TooLarge beyond the limits above, and with
// fault.Unreadable if r is no zip, or one that no honest program writes:
// encrypted, with links, with names that lead elsewhere or stand there twice,
// with entries that share bytes.
//
// Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
func OpenArchive(r io.ReaderAt, size int64) (*Archive, error) {
	const op = "batch.OpenArchive"
	if size > MaxZipBytes {
		return nil, zipFault(op, fault.TooLarge, words.M("batch.zip-too-large", "MaxGigabytes", MaxZipBytes>>30), nil)
	}
	dir, err := walkDirectory(op, r, size)
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil || len(z.File) != dir.entries {
		return nil, zipFault(op, fault.Unreadable, words.M("batch.zip-unreadable"), errors.Join(err, errDirectory))
	}
	if err := checkSizes(op, z.File); err != nil {
		return nil, err
	}
	if err := checkPlaces(op, z.File, dir.offset); err != nil {
		return nil, err
	}
	return list(op, z.File)
}

// list returns the archive of files, whose names it checks.
func list(op string, files []*zip.File) (*Archive, error) {
	a, seen := &Archive{}, map[string]bool{}
	for _, f := range files {
		name := zipName(f)
		mode := f.Mode()
		key := fold(strings.TrimSuffix(name, "/"))
		switch {
		case !isPlainName(name):
			return nil, zipFault(op, fault.Unreadable, words.M("batch.zip-bad-name", "Name", shown(name)), nil)
		case mode&fs.ModeSymlink != 0 || !mode.IsDir() && !mode.IsRegular():
			return nil, zipFault(op, fault.Unreadable, words.M("batch.zip-link", "Name", shown(name)), nil)
		case f.Flags&encrypted != 0:
			return nil, zipFault(op, fault.Unreadable, words.M("batch.zip-encrypted"), nil)
		case seen[key]:
			return nil, zipFault(op, fault.Unreadable, words.M("batch.zip-name-twice", "Name", shown(name)), nil)
		}
		seen[key] = true
		if mode.IsDir() || strings.HasSuffix(name, "/") {
			continue
		}
		// #nosec G115 -- at most MaxZipTotal: checkSizes saw to that
		e := Entry{Name: name, Bytes: int64(f.UncompressedSize64), Table: isTable(name)}
		e.Skip = reasonToSkip(f, e)
		a.Entries, a.files = append(a.Entries, e), append(a.files, f)
	}
	return a, nil
}

// encrypted are the flags of an entry that needs a password, or whose names
// do.
const encrypted = 1<<0 | 1<<6 | 1<<13

// reasonToSkip says why an entry isn't taken; zero for one that is.
func reasonToSkip(f *zip.File, e Entry) words.Message {
	switch {
	case isSystem(e.Name):
		return words.M("batch.skip-system")
	case strings.EqualFold(path.Ext(e.Name), ".zip"):
		return words.M("batch.skip-zip")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return words.M("batch.skip-method")
	case e.Table && e.Bytes > MaxTableBytes:
		return words.M("batch.table-too-large", "MaxMegabytes", MaxTableBytes>>20)
	case e.Bytes > MaxFileBytes:
		return words.M("batch.skip-too-large", "MaxMegabytes", MaxFileBytes>>20)
	case e.Bytes == 0:
		return words.M("batch.skip-empty")
	}
	return words.Message{}
}

// isSystem reports whether a computer has left a file of that name beside the
// pictures.
func isSystem(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(base, "._") || base == ".DS_Store" ||
		strings.EqualFold(base, "Thumbs.db") || strings.EqualFold(base, "desktop.ini")
}

// isTable reports whether an entry says whose pictures the others are.
func isTable(name string) bool {
	return slices.Contains([]string{".csv", ".tsv", ".txt"}, strings.ToLower(path.Ext(name)))
}

// Verify unpacks every entry that isn't skipped once, to nowhere, so that an
// archive that lies is refused before anything of it is stored. A zip in a zip
// that doesn't call itself one is skipped from then on.
//
// It fails with fault.Unreadable if an entry isn't what the directory says, and
// with ctx's error.
func (a *Archive) Verify(ctx context.Context) error {
	for i := range a.Entries {
		if a.Entries[i].Skip.ID != "" {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := a.Read(i); err != nil {
			return err
		}
	}
	return nil
}

// Read returns the bytes of entry i. It returns none for one that is skipped,
// and for a zip in the zip, which is skipped from then on.
//
// It fails with fault.Unreadable if the entry isn't what the directory says.
func (a *Archive) Read(i int) ([]byte, error) {
	const op = "batch.Archive.Read"
	e := &a.Entries[i]
	if e.Skip.ID != "" {
		return nil, nil
	}
	refuse := func(err error) ([]byte, error) {
		return nil, zipFault(op, fault.Unreadable, words.M("batch.zip-damaged", "Name", shown(e.Name)), err)
	}
	in, err := a.files[i].Open()
	if err != nil {
		return refuse(err)
	}
	defer in.Close() // it was only read
	body := bytes.NewBuffer(make([]byte, 0, min(e.Bytes, MaxFileBytes)+bytes.MinRead))
	// One byte more than promised is asked for, so that the sum is checked at the
	// end, and so that an entry that goes on is noticed.
	n, err := io.Copy(body, io.LimitReader(in, e.Bytes+1))
	if err != nil || n != e.Bytes {
		return refuse(err)
	}
	if bytes.HasPrefix(body.Bytes(), []byte("PK\x03\x04")) {
		e.Skip = words.M("batch.skip-zip")
		return nil, nil
	}
	return body.Bytes(), nil
}

// zipName returns the name of f in UTF-8 and NFC. What isn't UTF-8 is what DOS
// had, as the format says and Windows still writes.
func zipName(f *zip.File) string {
	name := f.Name
	if !utf8.ValidString(name) {
		if text, err := charmap.CodePage437.NewDecoder().String(name); err == nil { // every byte means something there
			name = text
		}
	}
	return norm.NFC.String(name)
}

// drive begins a path of Windows.
var drive = regexp.MustCompile(`^[A-Za-z]:`)

// isPlainName reports whether name leads to a file below the zip and nowhere
// else, whatever the system.
func isPlainName(name string) bool {
	if name == "" || len(name) > maxZipNameBytes || !utf8.ValidString(name) || strings.ContainsRune(name, '\\') ||
		strings.HasPrefix(name, "/") || drive.MatchString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return false
	}
	name = strings.TrimSuffix(name, "/")
	return !slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return part == "" || part == "." || part == ".." })
}

// shown is name as a sentence may show it.
func shown(name string) string {
	const enough = 60
	if runes := []rune(clean(name)); len(runes) > enough {
		return string(runes[:enough]) + "…"
	}
	return clean(name)
}

func zipFault(op string, kind fault.Kind, say words.Message, err error) error {
	return &fault.Error{Op: op, Kind: kind, Say: say, Next: fault.NextChoose, Err: err}
}
