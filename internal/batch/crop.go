package batch

import (
	"fmt"

	"portrait/internal/picture"
)

// FormatCrop returns f as the store keeps it: "x y side turn" in pixels and
// degrees, "" for the automatic one.
func FormatCrop(f picture.Frame) string {
	if f.Side == 0 && f.Turn == 0 {
		return ""
	}
	return fmt.Sprintf("%d %d %d %d", f.X, f.Y, f.Side, f.Turn)
}

// ParseCrop reads what FormatCrop wrote.
func ParseCrop(text string) (f picture.Frame, err error) {
	if text == "" {
		return f, nil
	}
	if _, err := fmt.Sscanf(text, "%d %d %d %d", &f.X, &f.Y, &f.Side, &f.Turn); err != nil {
		return picture.Frame{}, fmt.Errorf("batch.ParseCrop: %w", err)
	}
	return f, nil
}
