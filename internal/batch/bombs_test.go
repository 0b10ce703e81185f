package batch

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"strings"
	"testing"
)

// manyFiles returns a zip of n files of two bytes.
func manyFiles(t testing.TB, n int) []byte {
	parts := make([]part, n)
	for i := range parts {
		parts[i] = stored(fmt.Sprintf("%d.jpg", i), "xx")
	}
	return zipOf(t, parts...)
}

// lyingCount returns a zip of 2^16 + 1,000 files whose end says 1,000 as a
// 16-bit number of it would, which archive/zip takes.
func lyingCount(t testing.TB) []byte {
	const n = 1<<16 + 1000
	body := manyFiles(t, n) // with a zip64 end, as more than 65,535 have
	directory := bytes.Index(body, []byte(entrySignature))
	length := bytes.Index(body, []byte("PK\x06\x06")) - directory
	body = body[:directory+length]
	end := append([]byte(endSignature), 0, 0, 0, 0)
	end = binary.LittleEndian.AppendUint16(end, uint16(n%(1<<16)))
	end = binary.LittleEndian.AppendUint16(end, uint16(n%(1<<16)))
	end = binary.LittleEndian.AppendUint32(end, uint32(length))
	end = binary.LittleEndian.AppendUint32(end, uint32(directory))
	return append(append(body, end...), 0, 0)
}

// manyLarge returns a zip of 1,100 files of 1 MB, each of which shrinks a little
// less than is refused.
func manyLarge(t testing.TB) []byte {
	const side = 1 << 20
	body := make([]byte, side)
	random := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < side; i += 40 {
		body[i] = byte(random.Uint32())
	}
	small := packed(t, body)
	if len(small)*MaxZipRatio < side {
		t.Fatalf("1 MB shrinks to %d bytes: that is refused for another reason", len(small))
	}
	var parts []part
	for i := range 1100 {
		parts = append(parts, lying(fmt.Sprintf("%d.jpg", i), small, func(h *zip.FileHeader) {
			h.Method, h.UncompressedSize64, h.CRC32 = zip.Deflate, side, crc32.ChecksumIEEE(body)
		}))
	}
	return zipOf(t, parts...)
}

// overlapping returns a zip whose second entry stands in the bytes of the
// first one: at its beginning, or a few bytes on, in a header of its own that
// is part of the first one's bytes.
func overlapping(t testing.TB, at int) []byte {
	inner := zipOf(t, stored("b.jpg", noise))
	local := inner[:bytes.Index(inner, []byte(entrySignature))]
	body := zipOf(t, lying("a.jpg", strings.Repeat("x", 10)+string(local)+"yy", func(*zip.FileHeader) {}), stored("b.jpg", noise))
	first := bytes.Index(body, []byte(entrySignature))
	second := first + 4 + bytes.Index(body[first+4:], []byte(entrySignature))
	offset := 0 // of the first entry
	if at > 0 {
		offset = localBytes + len("a.jpg") + at
	} else { // the same bytes under two names
		copy(body[second:second+entryBytes], body[first:first+entryBytes])
	}
	binary.LittleEndian.PutUint32(body[second+42:], uint32(offset))
	return body
}

// intoDirectory returns a zip whose file goes on into the directory.
func intoDirectory(t testing.TB) []byte {
	body := zipOf(t, stored("a.jpg", noise))
	entry := bytes.Index(body, []byte(entrySignature))
	for _, at := range []int{20, 24} { // packed and unpacked
		binary.LittleEndian.PutUint32(body[entry+at:], uint32(len(noise)+30))
	}
	return body
}

// badDescriptor returns a zip whose file is followed by another sum than its
// own.
func badDescriptor(t testing.TB) []byte {
	body := zipOf(t, stored("a.jpg", noise))
	at := bytes.Index(body, []byte("PK\x07\x08"))
	if at < 0 {
		t.Fatal("there is no descriptor")
	}
	body[at+4]++
	return body
}

// FuzzArchive holds that whatever is dropped as a zip is refused with a
// sentence, or is files with harmless names that are as long as they say.
func FuzzArchive(f *testing.F) {
	f.Add(zipOf(f, stored("a.jpg", noise), deflated("b/ö.jpg", noise+noise), stored("c/", "")))
	f.Add(zipOf(f, stored("../a.jpg", "x"), stored("x.zip", "PK\x03\x04")))
	f.Add(overlapping(f, 10))
	f.Add(badDescriptor(f))
	f.Add(withComment(zipOf(f, stored("a.csv", "upn,file\n")), "comment"))
	f.Add(zipOf(f, lying("a.jpg", "x", func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 40 })))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := openAll(t, body)
		if err != nil {
			noSentence(t, err)
			return
		}
		names, total := map[string]bool{}, int64(0)
		for i, e := range a.Entries {
			content, err := a.Read(i)
			if err != nil {
				t.Errorf("read after it was verified: %v", err)
			}
			if total += int64(len(content)); total > int64(MaxZipRatio*len(body)) {
				t.Errorf("%d bytes out of %d", total, len(body))
			}
			if e.Skip.ID == "" && int64(len(content)) != e.Bytes || !isPlainName(e.Name) || names[fold(e.Name)] {
				t.Errorf("%q has %d bytes, says %d", e.Name, len(content), e.Bytes)
			}
			names[fold(e.Name)] = true
		}
	})
}
