package batch

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/fault"
)

// part is an entry of a zip, and what it says of itself.
type part struct {
	header zip.FileHeader
	body   string
	raw    bool // body is what stands in the zip, whatever header says of it
}

func stored(name, body string) part { return part{zip.FileHeader{Name: name}, body, false} }
func deflated(name, body string) part {
	return part{zip.FileHeader{Name: name, Method: zip.Deflate}, body, false}
}

// lying is an entry whose directory says something else than its bytes.
func lying(name, body string, change func(h *zip.FileHeader)) part {
	h := zip.FileHeader{
		Name: name, CRC32: crc32.ChecksumIEEE([]byte(body)), CompressedSize64: uint64(len(body)), UncompressedSize64: uint64(len(body)),
	}
	change(&h)
	return part{h, body, true}
}

// zipOf returns a zip with parts.
func zipOf(t testing.TB, parts ...part) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		create := z.CreateHeader
		if p.raw {
			create = z.CreateRaw
		}
		w, err := create(&p.header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, p.body); err != nil && !strings.Contains(err.Error(), "directory") {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// packed returns body as Deflate has it.
func packed(t testing.TB, body []byte) string {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// openAll opens and verifies body as a zip.
func openAll(t testing.TB, body []byte) (*Archive, error) {
	t.Helper()
	a, err := OpenArchive(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, err
	}
	return a, a.Verify(t.Context())
}

const noise = "\xff\xd8\xff\xe0 something that doesn't shrink \x01\x02\x03"

func TestArchive(t *testing.T) {
	body := zipOf(t,
		stored("badges/", ""), stored("badges/jo\u0308rg.jpg", noise), deflated("badges/jana.jpg", noise+"2"), stored("who.csv", "upn,file\n"),
		stored("m\x81ller.jpg", noise+"3"), // as DOS wrote ü
		stored("__MACOSX/badges/._jana.jpg", "x"), stored("badges/Thumbs.db", "x"), stored("more.zip", "x"), stored("more.jpg", "PK\x03\x04x"),
		stored("empty.jpg", ""), lying("other.jpg", "x", func(h *zip.FileHeader) { h.Method = 99 }),
		lying("big.jpg", strings.Repeat("x", 300_000), func(h *zip.FileHeader) { h.Method, h.UncompressedSize64 = zip.Deflate, MaxFileBytes+1 }),
	)
	a, err := openAll(t, body)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, e := range a.Entries {
		content, err := a.Read(i)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %v %s %d", e.Name, e.Table, e.Skip.ID, len(content)))
	}
	n := len(noise)
	want := []string{
		fmt.Sprintf("badges/jörg.jpg false  %d", n), fmt.Sprintf("badges/jana.jpg false  %d", n+1), "who.csv true  9",
		fmt.Sprintf("müller.jpg false  %d", n+1), "__MACOSX/badges/._jana.jpg false batch.skip-system 0", "badges/Thumbs.db false batch.skip-system 0",
		"more.zip false batch.skip-zip 0", "more.jpg false batch.skip-zip 0", "empty.jpg false batch.skip-empty 0",
		"other.jpg false batch.skip-method 0", "big.jpg false batch.skip-too-large 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestHostileZips(t *testing.T) {
	honest := zipOf(t, stored("a.jpg", noise), stored("b.jpg", noise))
	mode := func(m fs.FileMode) func(h *zip.FileHeader) { return func(h *zip.FileHeader) { h.SetMode(m) } }
	named := func(name string) []byte { return zipOf(t, stored("a.jpg", noise), stored(name, noise)) }
	zeros := packed(t, make([]byte, 10<<20))
	for _, tt := range []struct {
		sentence string
		body     []byte
		say      string
	}{
		{"an honest one", honest, ""},
		{"with a comment", withComment(honest, "made by hand"), ""},
		{"none at all", nil, "batch.zip-unreadable"},
		{"a picture", []byte(noise), "batch.zip-unreadable"},
		{"the end alone", append([]byte(endSignature), make([]byte, 18)...), ""},
		{"half of one", honest[:len(honest)/2], "batch.zip-unreadable"},
		{"something in front, as a program that unpacks itself has", append([]byte("#!/bin/sh\n"), honest...), "batch.zip-unreadable"},
		{"something behind", append(slices.Clone(honest), "more"...), "batch.zip-unreadable"},
		{"a second end in the comment", withComment(honest, endSignature+strings.Repeat("\x00", 18)), "batch.zip-unreadable"},
		{"part of several", patched(honest, 4, 1, 0), "batch.zip-unreadable"},

		{"a file of 10 MB in 10 kB, as 42.zip has", zipOf(t, deflated("a.jpg", string(make([]byte, 10<<20)))), "batch.zip-ratio"},
		{"the same, made out as honest", zipOf(t, lying("a.jpg", zeros, func(h *zip.FileHeader) { h.Method, h.UncompressedSize64 = zip.Deflate, 50 })), "batch.zip-damaged"},
		{"many files that are 1 GB together", manyLarge(t), "batch.zip-total"},
		{"one file that says it has 2 GB", zipOf(t, lying("a.jpg", "x", func(h *zip.FileHeader) { h.UncompressedSize64 = 2 << 30 })), "batch.zip-total"},
		{"one file that says in zip64 that it has 2^63 bytes", zipOf(t, lying("a.jpg", "x", func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 63 })), "batch.zip-total"},
		{"two whose sum is 0 in 64 bits", zipOf(t,
			lying("a.jpg", "x", func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 63 }),
			lying("b.jpg", "x", func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 63 })), "batch.zip-total"},
		{"one that has more bytes in the zip than the zip", zipOf(t, lying("a.jpg", "x", func(h *zip.FileHeader) { h.CompressedSize64, h.UncompressedSize64 = 1<<20, 1<<20 })), "batch.zip-unreadable"},
		{"one that says in zip64 that 2^63 bytes are in the zip", zipOf(t, lying("a.jpg", "x", func(h *zip.FileHeader) { h.CompressedSize64, h.UncompressedSize64 = 1<<63, 1<<20 })), "batch.zip-total"},
		{"one stored with two lengths", zipOf(t, lying("a.jpg", "xx", func(h *zip.FileHeader) { h.UncompressedSize64 = 1 })), "batch.zip-unreadable"},

		{"100,000 files", manyFiles(t, 100_000), "batch.zip-too-many"},
		{"5,001 files", manyFiles(t, MaxZipEntries+1), "batch.zip-too-many"},
		{"as many as there may be", manyFiles(t, MaxZipEntries), ""},
		{"66,536 files that say they are 1,000", lyingCount(t), "batch.zip-unreadable"},
		{"fewer files than the end says", patched(patched(honest, 8, 3, 0), 10, 3, 0), "batch.zip-unreadable"},
		{"more files than the end says", patched(patched(honest, 8, 1, 0), 10, 1, 0), "batch.zip-unreadable"},
		{"a directory elsewhere", patched(honest, atDirectoryOffset, 1, 0), "batch.zip-unreadable"},
		{"a directory that stands in zip64", patched(honest, atDirectoryOffset, 0xff, 0xff, 0xff, 0xff), "batch.zip-too-many"},
		{"a directory of 4 GB", patched(honest, atDirectoryBytes, 0xfe, 0xff, 0xff, 0xff), "batch.zip-too-many"},

		{"files that share all of their bytes", overlapping(t, 0), "batch.zip-overlap"},
		{"files that share some of their bytes", overlapping(t, 10), "batch.zip-overlap"},
		{"a file that has the directory for its bytes", intoDirectory(t), "batch.zip-unreadable"},
		{"a file that isn't where the directory says", patchedEntry(honest, 42, 7), "batch.zip-unreadable"},

		{"a link", zipOf(t, lying("a.jpg", "/etc/passwd", mode(fs.ModeSymlink|0o777))), "batch.zip-link"},
		{"a device", zipOf(t, lying("a.jpg", "", mode(fs.ModeDevice|0o666))), "batch.zip-link"},
		{"a pipe", zipOf(t, lying("a.jpg", "", mode(fs.ModeNamedPipe|0o666))), "batch.zip-link"},
		{"a password", zipOf(t, lying("a.jpg", "x", func(h *zip.FileHeader) { h.Flags |= 1 })), "batch.zip-encrypted"},
		{"a password for the names", zipOf(t, lying("a.jpg", "x", func(h *zip.FileHeader) { h.Flags |= 1 << 13 })), "batch.zip-encrypted"},

		{"a step back", named("../b.jpg"), "batch.zip-bad-name"},
		{"a step back further down", named("x/../../b.jpg"), "batch.zip-bad-name"},
		{"a step back as a folder", named("x/.."), "batch.zip-bad-name"},
		{"a step to where one is", named("./b.jpg"), "batch.zip-bad-name"},
		{"the top of the disk", named("/etc/b.jpg"), "batch.zip-bad-name"},
		{"a backslash", named(`x\b.jpg`), "batch.zip-bad-name"},
		{"a step back of Windows", named(`..\b.jpg`), "batch.zip-bad-name"},
		{"a drive", named("C:b.jpg"), "batch.zip-bad-name"},
		{"a line break", named("b\n.jpg"), "batch.zip-bad-name"},
		{"a zero", named("b\x00.jpg"), "batch.zip-bad-name"},
		{"no name", zipOf(t, stored("", noise)), "batch.zip-bad-name"},
		{"two slashes", named("x//b.jpg"), "batch.zip-bad-name"},
		{"a name of 5,000 letters", named(strings.Repeat("x", 5000)), "batch.zip-bad-name"},
		{"a name twice", named("a.jpg"), "batch.zip-name-twice"},
		{"a name twice, in other case", named("A.JPG"), "batch.zip-name-twice"},
		{"a name twice, composed otherwise", zipOf(t, stored("o\u0308.jpg", noise), stored("ö.jpg", noise)), "batch.zip-name-twice"},
		{"a file that is a folder too", zipOf(t, stored("x", noise), stored("x/", "")), "batch.zip-name-twice"},

		{"a wrong sum", zipOf(t, lying("a.jpg", "x", func(h *zip.FileHeader) { h.CRC32++ })), "batch.zip-damaged"},
		{"bytes that are no Deflate", zipOf(t, lying("a.jpg", "\xff\xff\xff", func(h *zip.FileHeader) { h.Method, h.UncompressedSize64 = zip.Deflate, 10 })), "batch.zip-damaged"},
		{"fewer bytes than promised", zipOf(t, lying("a.jpg", packed(t, []byte(noise)), func(h *zip.FileHeader) { h.Method, h.UncompressedSize64 = zip.Deflate, 100 })), "batch.zip-damaged"},
		{"more bytes than promised", zipOf(t, lying("a.jpg", packed(t, []byte(noise)), func(h *zip.FileHeader) { h.Method, h.UncompressedSize64 = zip.Deflate, 10 })), "batch.zip-damaged"},
		{"a note behind the bytes that says another sum", badDescriptor(t), "batch.zip-damaged"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			a, err := openAll(t, tt.body)
			if tt.say == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil {
				t.Fatalf("opened, with %d files", len(a.Entries))
			}
			if e := fault.As(err); e.Say.ID != tt.say || e.Next != fault.NextChoose {
				t.Errorf("%v, want %s", err, tt.say)
			}
		})
	}
	if _, err := OpenArchive(bytes.NewReader(nil), MaxZipBytes+1); err == nil || fault.As(err).Say.ID != "batch.zip-too-large" {
		t.Errorf("a zip of 1 GB and a byte: %v", err)
	}
}

func withComment(body []byte, comment string) []byte {
	body = binary.LittleEndian.AppendUint16(slices.Clone(body[:len(body)-2]), uint16(len(comment)))
	return append(body, comment...)
}

// patched writes over the end record of a zip without a comment.
func patched(body []byte, at int, with ...byte) []byte {
	body = slices.Clone(body)
	copy(body[len(body)-endBytes+at:], with)
	return body
}

// patchedEntry writes over the first entry of a zip's directory.
func patchedEntry(body []byte, at int, with ...byte) []byte {
	body = slices.Clone(body)
	copy(body[bytes.Index(body, []byte(entrySignature))+at:], with)
	return body
}
