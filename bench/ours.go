package main

import "portrait/internal/picture"

// ours is Portrait's pipeline, the whole way from bytes to bytes.
func ours(body []byte, j job) ([]byte, error) {
	r, err := picture.Render(body, picture.Frame{X: j.X, Y: j.Y, Side: j.Square})
	return r.JPEG, err
}
