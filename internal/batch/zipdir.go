package batch

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"portrait/internal/fault"
	"portrait/internal/words"
)

// The records of a zip, and how long they are without what varies.
//
// Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3
const (
	endSignature       = "PK\x05\x06"
	endBytes           = 22
	maxCommentBytes    = 1<<16 - 1
	entrySignature     = "PK\x01\x02"
	entryBytes         = 46
	localBytes         = 30
	maxDirectoryBytes  = 16 << 20 // 3 kB for each entry; a name has at most 1,000 bytes
	saturatedOffset    = 0xffffffff
	atDirectoryBytes   = 12 // in the end record: how long the directory is
	atDirectoryOffset  = 16 // and where
	atDirectoryEntries = 10 // and how many entries it has
	atEntryNameBytes   = 28 // in an entry: how long its name is; extra field and comment follow
)

// zipDirectory is the list of entries at the end of a zip.
type zipDirectory struct {
	offset  int64
	entries int
}

// walkDirectory counts the entries of the directory without keeping any, since
// archive/zip keeps them all, and believes no number: the end record says
// where the directory is, how long, and how many entries it has, and all three
// must be so.
func walkDirectory(op string, r io.ReaderAt, size int64) (zipDirectory, error) {
	unreadable := func(err error) (zipDirectory, error) {
		return zipDirectory{}, zipFault(op, fault.Unreadable, words.M("batch.zip-unreadable"), err)
	}
	end, at, err := endRecord(r, size)
	if err != nil {
		return unreadable(err)
	}
	entries := int(binary.LittleEndian.Uint16(end[atDirectoryEntries:]))
	length := int64(binary.LittleEndian.Uint32(end[atDirectoryBytes:]))
	d := zipDirectory{offset: int64(binary.LittleEndian.Uint32(end[atDirectoryOffset:])), entries: entries}
	switch {
	// A number too large for its field stands elsewhere, in zip64: such a zip is
	// beyond the limits, or lies.
	case entries > MaxZipEntries:
		return d, zipFault(op, fault.TooLarge, words.M("batch.zip-too-many", "Max", MaxZipEntries), nil)
	case length == saturatedOffset || d.offset == saturatedOffset || length > maxDirectoryBytes:
		return d, zipFault(op, fault.TooLarge, words.M("batch.zip-too-many", "Max", MaxZipEntries), nil)
	case d.offset+length != at:
		return unreadable(errDirectory)
	}
	in := bufio.NewReader(io.NewSectionReader(r, d.offset, length))
	for n := range entries + 1 {
		var head [entryBytes]byte
		_, err := io.ReadFull(in, head[:])
		switch {
		case n == entries && errors.Is(err, io.EOF):
			return d, nil
		case n == entries, err != nil, !bytes.HasPrefix(head[:], []byte(entrySignature)):
			return unreadable(errors.Join(err, errDirectory))
		}
		varying := 0
		for i := range 3 { // name, extra field, comment
			varying += int(binary.LittleEndian.Uint16(head[atEntryNameBytes+2*i:]))
		}
		if _, err := in.Discard(varying); err != nil {
			return unreadable(err)
		}
	}
	return unreadable(errDirectory)
}

// endRecord returns the end record, without its comment, and where it is. It is
// the last thing that looks like one, as archive/zip reads it, and its comment
// must end with the file: what two programs could read differently is refused.
func endRecord(r io.ReaderAt, size int64) ([]byte, int64, error) {
	from := max(0, size-endBytes-maxCommentBytes)
	tail := make([]byte, size-from)
	if n, err := r.ReadAt(tail, from); n < len(tail) {
		return nil, 0, err
	}
	i := bytes.LastIndex(tail, []byte(endSignature))
	if i < 0 || len(tail)-i < endBytes {
		return nil, 0, zip.ErrFormat
	}
	end := tail[i:]
	comment := int(binary.LittleEndian.Uint16(end[endBytes-2:]))
	disks := binary.LittleEndian.Uint32(end[4:]) // two numbers, both 0: zips in several parts went with the floppy disk
	if comment != len(end)-endBytes || disks != 0 || binary.LittleEndian.Uint16(end[8:]) != binary.LittleEndian.Uint16(end[10:]) {
		return nil, 0, errDirectory
	}
	return end[:endBytes], from + int64(i), nil
}

// checkSizes refuses files that unpack to more than there may be.
func checkSizes(op string, files []*zip.File) error {
	var total uint64
	for _, f := range files {
		unpacked, packed := f.UncompressedSize64, f.CompressedSize64
		switch {
		case unpacked > MaxZipTotal || packed > MaxZipBytes || total+unpacked > MaxZipTotal:
			return zipFault(op, fault.TooLarge, words.M("batch.zip-total", "MaxGigabytes", MaxZipTotal>>30), nil)
		case unpacked > MaxZipRatio*packed:
			return zipFault(op, fault.TooLarge, words.M("batch.zip-ratio", "Name", shown(zipName(f))), nil)
		case f.Method == zip.Store && unpacked != packed && f.Flags&encrypted == 0:
			return zipFault(op, fault.Unreadable, words.M("batch.zip-unreadable"), errDirectory)
		}
		total += unpacked
	}
	return nil
}

// checkPlaces refuses files whose bytes aren't in the zip, or are another's
// too: a few bytes that stand for many files are a bomb.
//
// Source: https://www.bamsoftware.com/hacks/zipbomb/
func checkPlaces(op string, files []*zip.File, directoryOffset int64) error {
	type place struct{ from, to int64 }
	places := make([]place, 0, len(files))
	for _, f := range files {
		from, err := f.DataOffset()
		to := from + int64(f.CompressedSize64) // #nosec G115 -- at most MaxZipBytes: checkSizes saw to that
		if err != nil || from < localBytes || to > directoryOffset {
			return zipFault(op, fault.Unreadable, words.M("batch.zip-unreadable"), errors.Join(err, errDirectory))
		}
		// The local header is part of the place. Its name is as long as the
		// directory says; its extra field may be longer.
		places = append(places, place{from - localBytes - int64(len(f.Name)), to})
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(places); i++ {
		if places[i].from < places[i-1].to {
			return zipFault(op, fault.Unreadable, words.M("batch.zip-overlap"), nil)
		}
	}
	return nil
}
