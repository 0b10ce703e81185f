package demo

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// secretLife is how long the app's secret counts, as Entra suggests.
const secretLife = 180 * 24 * time.Hour

// SetSecretEnds says when the app's secret runs out. It is told, and goes on
// working: whoever asks is to see it in time.
func (t *Tenant) SetSecretEnds(at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.secretEnds = at
}

// application answers for the app's own registration.
//
// Source: https://learn.microsoft.com/graph/api/application-get
func (t *Tenant) application(c call) reply {
	switch {
	case c.method != http.MethodGet:
		return methodNotAllowed()
	case !c.token.holds([]string{"Application.Read.All"}):
		return lacking()
	}
	segment, err := url.PathUnescape(c.path[0])
	if err != nil || len(c.path) > 1 || !strings.EqualFold(segment, "applications(appId='"+clientID+"')") {
		return absent("application")
	}
	t.mu.Lock()
	ends := t.secretEnds
	t.mu.Unlock()
	return ok(map[string]any{
		"@odata.context": t.base + c.version + "/$metadata#applications/$entity",
		"passwordCredentials": []map[string]any{
			{"displayName": "the one before", "hint": "old", "keyId": "11111111-0000-4000-8000-000000000001", "endDateTime": t.now().Add(-secretLife).UTC().Format(time.RFC3339)},
			{"displayName": "Portrait", "hint": t.secret[:3], "keyId": "11111111-0000-4000-8000-000000000002", "endDateTime": ends.UTC().Format(time.RFC3339)},
		},
		"keyCredentials": []any{},
	})
}
