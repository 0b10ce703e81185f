package photo

import "time"

// State is how far a change has come.
type State string

// The states of a change.
const (
	Draft     State = "draft"     // kept, not sent: its person has to sign in first
	Sending   State = "sending"   // on its way
	Waiting   State = "waiting"   // Graph is busy; again at RetryAt
	Unknown   State = "unknown"   // sent, but Graph didn't answer; looked at again at RetryAt
	Confirmed State = "confirmed" // Graph has it
	Failed    State = "failed"    // Graph doesn't take it, or a newer change has overtaken it
)

// Saved is what became of a change.
type Saved struct {
	State   State
	ETag    string    // hexadecimal SHA-256 of the bytes for Graph
	Width   int       // of the picture for Graph, in pixels
	Height  int       // likewise
	Bytes   int       // likewise
	RetryAt time.Time // in the states Waiting and Unknown: when to ask again
	Past    string    // what can be restored to undo it, "" = nothing is kept
	WasNone bool      // there was no photo before: removing undoes it

	Location bool // the original said where it was taken; what was sent doesn't
	Camera   bool // the original told of its camera; what was sent doesn't
	Animated bool // the original moved; its first frame was sent

	DirectoryOnly bool // the account has no mailbox: the photo is in the directory, and Outlook may not show it
}
