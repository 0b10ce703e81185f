package photo

import "time"

// State is how far a save has come.
type State string

// The states in which a save can be left.
const (
	Waiting   State = "waiting"   // Graph is busy; again at Saved.RetryAt
	Unknown   State = "unknown"   // sent, but Graph didn't answer
	Confirmed State = "confirmed" // Graph has it
	Failed    State = "failed"    // Graph doesn't take it
)

// Saved is what became of a save.
type Saved struct {
	State   State
	ETag    string    // hexadecimal SHA-256 of the bytes for Graph
	Width   int       // of the picture for Graph, in pixels
	Height  int       // likewise
	Bytes   int       // likewise
	RetryAt time.Time // in state Waiting: when Graph wants to be asked again

	Location bool // the original said where it was taken; what was sent doesn't
	Camera   bool // the original told of its camera; what was sent doesn't
	Animated bool // the original moved; its first frame was sent

	DirectoryOnly bool // the account has no mailbox: the photo is in the directory, and Outlook may not show it
}
