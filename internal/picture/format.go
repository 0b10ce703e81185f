package picture

import (
	"bytes"
	"encoding/binary"
	"errors"

	"portrait/internal/fault"
	"portrait/internal/words"
)

// Format is a kind of picture that we read.
type Format string

// The formats that Render takes.
const (
	JPEG Format = "JPEG"
	PNG  Format = "PNG"
	WebP Format = "WebP"
	GIF  Format = "GIF"
)

// sniff tells the format by the first bytes alone; names and declared types are
// what a browser guessed. It fails with fault.Unreadable if body is empty and
// with fault.Unsupported, in a sentence of its own for each kind that people
// really have, if it is nothing that we take.
func sniff(body []byte) (Format, error) {
	const op = "picture.sniff"
	switch {
	case len(body) == 0:
		return "", &fault.Error{Op: op, Kind: fault.Unreadable, Say: words.M("picture.empty"), Next: fault.NextChoose}
	case starts(body, "\xff\xd8\xff"):
		return JPEG, nil
	case starts(body, pngMagic):
		return PNG, nil
	case starts(body, "GIF87a"), starts(body, "GIF89a"):
		return GIF, nil
	case starts(body, "RIFF") && len(body) >= 12 && string(body[8:12]) == "WEBP":
		return WebP, nil
	case isCut(body):
		return "", damaged(op, errors.New("ends within its magic bytes"))
	case starts(body, "II*\x00"), starts(body, "MM\x00*"), starts(body, "II+\x00"), starts(body, "MM\x00+"):
		return "", unsupported(op, words.M("picture.tiff"), nil)
	case isBMP(body):
		return "", unsupported(op, words.M("picture.bmp"), nil)
	case isSVG(body):
		return "", unsupported(op, words.M("picture.svg"), nil)
	}
	switch isoBrand(body) {
	case "avif":
		return "", unsupported(op, words.M("picture.avif"), nil)
	case "heic":
		return "", unsupported(op, words.M("picture.heic"), nil)
	}
	return "", unsupported(op, words.M("picture.not-a-picture"), nil)
}

func starts(body []byte, magic string) bool { return bytes.HasPrefix(body, []byte(magic)) }

// isCut reports whether body is the beginning of a JPEG or PNG and ends before
// that is certain: an upload that broke off, not a file of another kind.
func isCut(body []byte) bool {
	return bytes.HasPrefix([]byte("\xff\xd8\xff"), body) || bytes.HasPrefix([]byte(pngMagic), body)
}

// isBMP asks for a plausible DIB header besides the two magic letters, with
// which many a text begins.
func isBMP(body []byte) bool {
	const smallest, largest = 12, 124 // BITMAPCOREHEADER, BITMAPV5HEADER
	if !starts(body, "BM") || len(body) < 18 {
		return false
	}
	size := binary.LittleEndian.Uint32(body[14:])
	return smallest <= size && size <= largest
}

// isSVG looks for an svg element near the beginning of something that looks
// like XML and not like an HTML page.
func isSVG(body []byte) bool {
	const enough = 4 << 10 // licence comments and doctypes stand before the element
	head := bytes.TrimPrefix(body[:min(len(body), enough)], []byte("\xef\xbb\xbf"))
	head = bytes.ToLower(bytes.TrimLeft(head, " \t\r\n"))
	return starts(head, "<") && bytes.Contains(head, []byte("<svg")) && !bytes.Contains(head, []byte("<html"))
}

// isoBrand returns "avif" or "heic" if body is an ISO media file of that family
// and "" if not. AVIF files may carry the general brand mif1 first and their
// own among the compatible ones.
//
// Source: ISO/IEC 23008-12 annex B and section 10; AVIF specification section 6.
func isoBrand(body []byte) string {
	if len(body) < 12 || string(body[4:8]) != "ftyp" {
		return ""
	}
	size := int(min(binary.BigEndian.Uint32(body), 256)) // real ones have fewer than ten brands
	family := ""
	for at := 8; at+4 <= min(len(body), size); at += 4 {
		switch string(body[at : at+4]) {
		case "avif", "avis":
			return "avif"
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1":
			family = "heic"
		}
	}
	return family
}
