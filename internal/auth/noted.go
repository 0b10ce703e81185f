package auth

import (
	"context"
	"strings"
	"sync"
	"time"
)

// noteAgain is how soon the same permissions are noted again: whoever is told of
// them looks at the hour, and a morning has thousands of sign-ins.
const noteAgain = 10 * time.Minute

// noted is when sets of permissions were last noted by this process.
type noted struct {
	mu sync.Mutex
	at map[string]time.Time // by the set; there are as many as people can be asked for
}

// isDue reports whether scopes, sorted, are to be noted now.
func (n *noted) isDue(scopes []string, now time.Time) bool {
	set := strings.Join(scopes, " ")
	n.mu.Lock()
	defer n.mu.Unlock()
	if last, ok := n.at[set]; ok && now.Sub(last) < noteAgain {
		return false
	}
	if n.at == nil || len(n.at) >= maxNoted {
		n.at = map[string]time.Time{}
	}
	n.at[set] = now
	return true
}

// maxNoted bounds what a provider that invents permissions can fill.
const maxNoted = 256

// noteGranted remembers for `portrait check` what a sign-in was granted.
func (a *Auth) noteGranted(ctx context.Context, scopes []string) {
	now := a.config.Now()
	if !a.noted.isDue(scopes, now) {
		return
	}
	if err := a.config.Store.NoteGranted(ctx, scopes, now); err != nil {
		a.config.Log.WarnContext(ctx, "what a sign-in was granted isn't noted", "cause", err.Error()) // nobody's sign-in fails by it
	}
}
