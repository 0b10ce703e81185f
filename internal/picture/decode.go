package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"

	"portrait/internal/jpegscale"
)

// decode reads the pixels, at p.scale, and of a JPEG no more than p needs. This
// file is the only place of Portrait that hands bytes of strangers to a decoder,
// and only after open found them within the limits.
//
// It fails with fault.Unreadable if the picture is damaged and with
// fault.Unsupported if it is of a variant that the decoders don't know.
func (s source) decode(p plan) (image.Image, error) {
	const op = "picture.decode"
	img, err := s.decodeGuarded(p)
	var rareJPEG jpeg.UnsupportedError
	var rareScaled jpegscale.UnsupportedError
	var rarePNG png.UnsupportedError
	switch {
	case errors.As(err, &rareJPEG), errors.As(err, &rareScaled), errors.As(err, &rarePNG):
		return nil, unusual(op, err)
	case err != nil:
		return nil, damaged(op, err)
	case s.Format != GIF && !p.stored.area(p.scale).rect().In(img.Bounds()): // a GIF's frame may be smaller than its canvas
		return nil, damaged(op, fmt.Errorf("decoded to %v", img.Bounds()))
	}
	return img, nil
}

// decodeGuarded calls the decoders and turns their panics into errors. They
// parse what strangers send, and x/image has had panics on broken files
// (CVE-2026-46601, CVE-2026-42500): one person's file must not end a process
// that others use.
func (s source) decodeGuarded(p plan) (img image.Image, err error) {
	defer func() {
		if v := recover(); v != nil {
			img, err = nil, fmt.Errorf("the %s decoder panicked: %v", s.Format, v)
		}
	}()
	if s.scalable {
		return jpegscale.Decode(s.body[:s.end], jpegscale.Options{
			Scale: p.scale, Region: p.region(), MaxPixels: s.Width * s.Height, MaxScans: maxScans,
		})
	}
	if err := s.agrees(s.decodeConfig()); err != nil {
		return nil, err
	}
	switch s.Format {
	case JPEG:
		return jpeg.Decode(s.reader())
	case PNG:
		return png.Decode(s.reader())
	case GIF:
		return gif.Decode(s.reader()) // the first frame alone; DecodeAll would take 30 s for a small file
	default:
		return webp.Decode(s.reader())
	}
}

// decodeConfig asks the decoder for the size that it is going to allocate.
func (s source) decodeConfig() (image.Config, error) {
	switch s.Format {
	case JPEG:
		return jpeg.DecodeConfig(s.reader())
	case PNG:
		return png.DecodeConfig(s.reader())
	case GIF:
		return gif.DecodeConfig(s.reader())
	default:
		return webp.DecodeConfig(s.reader())
	}
}

// agrees fails unless the decoder sees the size that our walk checked: limits
// on another picture than the decoded one would be none.
func (s source) agrees(c image.Config, err error) error {
	if err != nil {
		return err
	}
	if c.Width != s.Width || c.Height != s.Height {
		return fmt.Errorf("header says %d×%d, decoder %d×%d", s.Width, s.Height, c.Width, c.Height)
	}
	return nil
}

// reader returns the bytes for the decoder: the whole body, or the parts of it
// that the walk kept.
func (s source) reader() io.Reader {
	if s.keep == nil {
		return bytes.NewReader(s.body)
	}
	parts := make([]io.Reader, len(s.keep))
	for i, part := range s.keep {
		parts[i] = bytes.NewReader(s.body[part.from:part.to])
	}
	return io.MultiReader(parts...)
}
