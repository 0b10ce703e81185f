package picture

import (
	"bytes"
	"image/jpeg"
	"testing"

	"portrait/internal/fault"
)

func TestThumbnail(t *testing.T) {
	large, small := tiles(4, 4, 100), tiles(4, 4, 10)
	for _, tt := range []struct {
		name string
		body []byte
		side int
		want int
	}{
		{"a JPEG gets smaller", encodeJPEG(t, large, 90), 96, 96},
		{"so does a PNG", encodePNG(t, large), 48, 48},
		{"a side may be odd", encodePNG(t, large), 63, 63},
		{"nothing gets larger", encodePNG(t, small), 96, 40},
		{"of a wide picture the middle is kept", encodePNG(t, tiles(8, 2, 50)), 64, 64},
		{"a tiny picture stays tiny", encodePNG(t, tiles(1, 1, 1)), 96, 1},
	} {
		got, err := Thumbnail(tt.body, tt.side)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		c, err := jpeg.DecodeConfig(bytes.NewReader(got))
		if err != nil || c.Width != tt.want || c.Height != tt.want {
			t.Errorf("%s: %d×%d, %v; want %d", tt.name, c.Width, c.Height, err, tt.want)
		}
		again, err := NewBudget(1).Thumbnail(t.Context(), tt.body, tt.side)
		if err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s: within a budget it is another picture, %v", tt.name, err)
		}
	}
}

func TestThumbnailRefuses(t *testing.T) {
	good := encodePNG(t, tiles(4, 4, 10))
	for _, tt := range []struct {
		name string
		body []byte
		side int
		kind fault.Kind
	}{
		{"no side", good, 0, fault.BadRequest},
		{"a negative side", good, -1, fault.BadRequest},
		{"more than Microsoft 365 keeps", good, MaxSide + 1, fault.BadRequest},
		{"a web page", []byte("<html></html>"), 96, fault.Unsupported},
		{"half a picture", good[:len(good)/2], 96, fault.Unreadable},
	} {
		if _, err := Thumbnail(tt.body, tt.side); !fault.Is(err, tt.kind) {
			t.Errorf("%s: %v, want kind %d", tt.name, err, tt.kind)
		}
		if _, err := NewBudget(1<<20).Thumbnail(t.Context(), tt.body, tt.side); !fault.Is(err, tt.kind) {
			t.Errorf("%s, within a budget: %v, want kind %d", tt.name, err, tt.kind)
		}
	}
}
