package demo

import (
	"net/http"
	"slices"
	"time"
)

// kind is one weather that the page switches.
type kind struct {
	key  string
	on   func(*Tenant) bool // nil for what is done once, and isn't a state
	turn func(t *Tenant, on bool)
}

// region is where some weather comes from.
type region struct {
	key   string
	kinds []kind
}

// regions returns all weather of the page, in its order.
func regions() []region {
	return []region{
		{"graph", []kind{
			ofSky("hesitant", func(w *Weather) *time.Duration { return &w.Hesitation }, 3*time.Second),
			ofSky("throttled", func(w *Weather) *time.Duration { return &w.Throttle }, time.Minute),
			ofSky("four-per-app", func(w *Weather) *int { return &w.PerApp }, outlookPlaces),
			ofSky("four-per-mailbox", func(w *Weather) *int { return &w.PerMailbox }, outlookPlaces),
			ofSky("overloaded", func(w *Weather) *bool { return &w.Overloaded }, true),
			ofSky("down", func(w *Weather) *bool { return &w.Down }, true),
			ofSky("slow", func(w *Weather) *time.Duration { return &w.Slow }, 4*time.Second),
			ofSky("very-slow", func(w *Weather) *time.Duration { return &w.Slow }, 10*time.Second),
			ofSky("lost-answer", func(w *Weather) *Loss { return &w.Lost }, LostAnswer),
			ofSky("lost-change", func(w *Weather) *Loss { return &w.Lost }, LostChange),
			ofSky("stale", func(w *Weather) *time.Duration { return &w.ReadDelay }, 30*time.Second),
			ofSky("trickling", func(w *Weather) *int { return &w.Trickle }, 2000),
			ofSky("truncated", func(w *Weather) *bool { return &w.Truncated }, true),
			ofSky("proxied", func(w *Weather) *bool { return &w.Proxied }, true),
		}},
		{"retry", []kind{
			ofSky("retry-decimals", refuseOnce, "2.5"),
			ofSky("retry-date", refuseOnce, RetryDate),
			ofSky("retry-past", refuseOnce, RetryPast),
			ofSky("retry-zero", refuseOnce, "0"),
			ofSky("retry-negative", refuseOnce, "-1"),
			ofSky("retry-absurd", refuseOnce, "1000000000"),
			ofSky("retry-garbage", refuseOnce, "soon"),
			ofSky("retry-unsaid", refuseOnce, RetryUnsaid),
		}},
		{"sign-in", []kind{
			ofSky("provider-down", func(w *Weather) *bool { return &w.ProviderDown }, true),
			once("revoked", (*Tenant).RevokeTokens),
			once("challenged", (*Tenant).ChallengeEverybody),
		}},
		{"rule", []kind{
			ofPolicy("roles-only", policy{"cloud", []string{rareRole}}),
			ofPolicy("on-premises", policy{"onPremises", nil}),
		}},
	}
}

// rareRole is the template id of a role that nobody holds at the start: Office
// Apps Administrator.
//
// Source: https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
const rareRole = "2b745bdf-0803-4d80-aa65-822c4493daac"

func refuseOnce(w *Weather) *string { return &w.RefuseOnce }

// outlookPlaces is how many requests of an app Outlook works at, at a time.
//
// Source: https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits
const outlookPlaces = 4

// ofSky is the weather in which a field has a value.
func ofSky[T comparable](key string, field func(*Weather) *T, value T) kind {
	return kind{
		key: key,
		on: func(t *Tenant) bool {
			w := t.sky()
			return *field(&w) == value
		},
		turn: func(t *Tenant, on bool) {
			t.change(func(w *Weather) {
				var fair T
				switch f := field(w); {
				case on:
					*f = value
				case *f == value:
					*f = fair
				}
			})
		},
	}
}

// ofPolicy is the weather in which the tenant has a rule about photos.
func ofPolicy(key string, rule policy) kind {
	holds := func(t *Tenant) bool {
		now := t.rule()
		return now.source == rule.source && slices.Equal(now.roles, rule.roles)
	}
	return kind{key, holds, func(t *Tenant, on bool) {
		switch {
		case on:
			t.SetPolicy(rule.source, rule.roles...)
		case holds(t):
			t.SetPolicy("")
		}
	}}
}

// once is what happens once, and can't be taken back here.
func once(key string, do func(*Tenant)) kind {
	return kind{key, nil, func(t *Tenant, on bool) {
		if on {
			do(t)
		}
	}}
}

// forecast is what the page shows of the weather.
type forecast struct {
	Now     []string // keys of what is on
	Regions []regionTile
}

type regionTile struct {
	Key   string
	Kinds []kindTile
}

type kindTile struct {
	Key  string
	Once bool // it is done rather than switched on
	On   bool
	Done bool // just now
}

func (t *Tenant) showWeather(w http.ResponseWriter, r *http.Request) {
	d := pageData{AppURL: t.registered().appURL}
	for _, p := range regions() {
		shown := regionTile{Key: p.key}
		for _, k := range p.kinds {
			a := kindTile{Key: k.key, Once: k.on == nil, On: k.on != nil && k.on(t)}
			a.Done = a.Once && r.URL.Query().Get("done") == k.key
			if a.On {
				d.Weather.Now = append(d.Weather.Now, k.key)
			}
			shown.Kinds = append(shown.Kinds, a)
		}
		d.Weather.Regions = append(d.Weather.Regions, shown)
	}
	t.page(w, r, http.StatusOK, "weather", d)
}

// switchWeather switches one kind of weather on or off, or does it.
func (t *Tenant) switchWeather(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	key, to := r.PostFormValue("kind"), r.PostFormValue("to")
	for _, p := range regions() {
		i := slices.IndexFunc(p.kinds, func(k kind) bool { return k.key == key })
		if i < 0 || to != "on" && to != "off" {
			continue
		}
		p.kinds[i].turn(t, to == "on")
		address := "/weather#" + key
		if p.kinds[i].on == nil {
			address = "/weather?done=" + key + "#" + key
		}
		http.Redirect(w, r, address, http.StatusSeeOther)
		return
	}
	http.Error(w, "There is no such weather.", http.StatusBadRequest)
}

func (t *Tenant) fairByForm(w http.ResponseWriter, r *http.Request) {
	t.Fair()
	http.Redirect(w, r, "/weather", http.StatusSeeOther)
}
