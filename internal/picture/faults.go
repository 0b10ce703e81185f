package picture

import (
	"portrait/internal/fault"
	"portrait/internal/words"
)

// damaged is the fault of a picture that can't be read to its end.
func damaged(op string, cause error) error {
	return &fault.Error{Op: op, Kind: fault.Unreadable, Say: words.M("picture.damaged"), Next: fault.NextChoose, Err: cause}
}

// unusual is the fault of a picture that is sound, but of a variant that our
// decoders can't read.
func unusual(op string, cause error) error {
	return unsupported(op, words.M("picture.unusual"), cause)
}

// unsupported is the fault of a picture of a kind that we don't take; cause may
// be nil.
func unsupported(op string, say words.Message, cause error) error {
	return &fault.Error{Op: op, Kind: fault.Unsupported, Say: say, Next: fault.NextChoose, Err: cause}
}
