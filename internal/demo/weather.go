package demo

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Weather is what is wrong with Microsoft's side of the wire. The zero value is
// fair weather.
type Weather struct {
	// ReadDelay is how long reads serve the old photo after a PUT or DELETE.
	// Negative = none, 0 = 2 s.
	ReadDelay    time.Duration
	Down         bool          // Graph drops the connection without an answer
	ProviderDown bool          // so does the OpenID provider
	Slow         time.Duration // Graph waits so long before it answers
	ProviderSlow time.Duration // so does the OpenID provider
	TokenLife    time.Duration // how long new access tokens of people are good. 0 = an hour
	Overloaded   bool          // Graph answers 503 to everything
	// Proxied lets a proxy answer everything in Graph's place, with 200 and a
	// page of its own.
	Proxied bool
	// Throttle answers every request for photos with 429 and so long as
	// Retry-After.
	Throttle time.Duration
	// Hesitation answers a PUT of a photo with 429 and so long as Retry-After,
	// and takes the photo from whoever comes back after that.
	Hesitation time.Duration
	// RefuseOnce answers the first of two PUTs of a photo with 429 and this as
	// Retry-After, and takes the second: a form of Retry-After, or what Graph may
	// send though it is none. See the constants; "" = no such weather.
	RefuseOnce string
	// Lost loses the answer to every change of a photo.
	Lost Loss
	// Trickle sends photos at so many bytes a second. 0 = at once.
	Trickle int
	// Truncated breaks photos off in the middle.
	Truncated bool
	// Graph holds answers for the next requests for photos, given instead of
	// the real ones and used up one by one, in order; also to requests inside
	// a $batch. An Answer with a Path is for other requests.
	Graph []Answer
	// AbsentAs1x1 answers the metadata of a photo that isn't there with 200
	// and a size of 1x1 instead of 404.
	AbsentAs1x1 bool
	// AbsentCode is the error code where there is no photo: ImageNotFound (the
	// default), ErrorItemNotFound or GetUserPhoto.
	AbsentCode string
	// NoSmaller answers 404 for a size that is larger than the photo, instead
	// of a smaller one.
	NoSmaller bool
	// AppMayGroups lets the app by itself read and change photos of groups and
	// teams, which the documentation allows and Graph has been seen to refuse.
	AppMayGroups bool
	// PerMailbox is how many requests for one mailbox Graph works at, at a
	// time; more get 429. 0 = any number. PerApp is the same for requests for
	// photos of all mailboxes together. Microsoft has published both readings of
	// its limit of 4.
	PerMailbox int
	PerApp     int

	// ConsentNeedsAdmin says that nobody but an administrator may allow the
	// app more than everybody allows it.
	ConsentNeedsAdmin bool
	SignIn            Refusal // the provider answers it once a person has been chosen
	Refresh           Refusal // the token endpoint answers it to refreshes
}

// Values of RefuseOnce that aren't sent as they are.
const (
	RetryDate   = "date"   // an HTTP date in 3 seconds
	RetryPast   = "past"   // an HTTP date an hour ago
	RetryUnsaid = "unsaid" // no Retry-After at all
)

// Loss is where on its way a change gets lost: whoever sent it can't tell the two
// apart.
type Loss int

// The losses.
const (
	NotLost    Loss = iota
	LostAnswer      // the photo is changed, and nobody hears of it
	LostChange      // the photo isn't changed
)

// Refusal is what the provider answers instead of what it would. The zero value
// is none.
type Refusal struct {
	Error       string // "interaction_required"
	Code        int    // 50076: the AADSTS number
	Description string
	Suberror    string // of the token endpoint
	Claims      string // JSON, of the token endpoint
}

// Answer is what Graph says instead of what it would say.
type Answer struct {
	Method  string // of the requests that it answers; "" = any
	Path    string // a part of their escaped path, without case; "" = those for photos
	Status  int    // 0 = the connection is dropped without an answer
	Code    string // of Graph's error
	Message string // of Graph's error
	Header  http.Header
	Body    string // sent instead of Graph's JSON if it isn't empty
	Taken   bool   // Graph has done before what was asked of it
}

// Set makes w the weather from the next request on.
func (t *Tenant) Set(w Weather) {
	w.Graph = slices.Clone(w.Graph)
	t.change(func(now *Weather) { *now = w })
}

// change makes a change to the weather that counts from the next request on.
func (t *Tenant) change(change func(*Weather)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change(&t.weather)
	clear(t.deferred)
}

// Fair makes the weather fair, without a rule about photos and with nobody
// challenged any more. Unlike after Reset, photos and sign-ins stay.
func (t *Tenant) Fair() {
	t.Set(Weather{})
	t.SetPolicy("")
	t.signIns.forgetChallenges()
}

func (t *Tenant) sky() Weather {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.weather
}

// nextAnswer takes the first answer set for c out of the weather.
func (t *Tenant) nextAnswer(c call) (Answer, bool) {
	path := "/" + strings.ToLower(strings.Join(c.path, "/"))
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.weather.Graph, func(a Answer) bool {
		here := a.Path == "" && c.isOfPhoto() || a.Path != "" && strings.Contains(path, strings.ToLower(a.Path))
		return here && (a.Method == "" || strings.EqualFold(a.Method, c.method))
	})
	if i < 0 {
		return Answer{}, false
	}
	a := t.weather.Graph[i]
	t.weather.Graph = slices.Delete(t.weather.Graph, i, i+1)
	return a, true
}

// standing returns what the weather answers c as long as it holds.
func (t *Tenant) standing(c call) (a reply, is bool) {
	wait := c.sky.Throttle
	switch {
	case c.sky.Proxied:
		return injected(proxyPage()), true
	case c.sky.Overloaded:
		return injected(Answer{Status: http.StatusServiceUnavailable, Code: "serviceNotAvailable", Message: "The service is temporarily unavailable."}), true
	case !c.isOfPhoto():
		return reply{}, false
	case c.sky.Lost == LostChange && c.changes():
		return reply{injected: true}, true
	case c.sky.RefuseOnce != "" && c.method == http.MethodPut && t.refusesOnce(c):
		return tooMany(retryAfter(c.sky.RefuseOnce, time.Now())), true
	case wait <= 0 && c.method == http.MethodPut:
		wait = t.deferral(c)
	}
	if wait <= 0 {
		return reply{}, false
	}
	return tooMany(http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(wait.Seconds())))}}), true
}

// tooMany is what Graph says to those whom it throttles.
//
// Source: https://learn.microsoft.com/graph/throttling
func tooMany(h http.Header) reply {
	return injected(Answer{Status: http.StatusTooManyRequests, Code: "TooManyRequests", Message: "Please retry again later.", Header: h})
}

// retryAfter is the header for a value of Weather.RefuseOnce.
func retryAfter(form string, now time.Time) http.Header {
	switch form {
	case RetryDate:
		form = now.Add(3 * time.Second).UTC().Format(http.TimeFormat)
	case RetryPast:
		form = now.Add(-time.Hour).UTC().Format(http.TimeFormat)
	case RetryUnsaid:
		return nil
	}
	return http.Header{"Retry-After": {form}}
}

// refusesOnce reports whether c is the first of two PUTs.
func (t *Tenant) refusesOnce(c call) bool {
	photo := strings.ToLower(strings.Join(c.path, "/"))
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, second := t.deferred[photo]; second {
		delete(t.deferred, photo)
		return false
	}
	t.deferred[photo] = t.now()
	return true
}

// onTheWay is what becomes of Graph's answer a to c before it arrives.
func (w Weather) onTheWay(c call, a reply) reply {
	switch {
	case !c.isOfPhoto() || a.status >= http.StatusBadRequest:
	case w.Lost == LostAnswer && c.changes():
		return reply{injected: true}
	case c.method == http.MethodGet && len(a.body) > 0 && (w.Truncated || w.Trickle > 0):
		a.cutShort, a.perSecond, a.injected = w.Truncated, w.Trickle, true
	}
	return a
}

// deferral returns how long whoever wants to PUT c still has to wait. The wait
// begins with the first of them; 0 ends it.
func (t *Tenant) deferral(c call) time.Duration {
	if c.sky.Hesitation <= 0 {
		return 0
	}
	photo, now := strings.ToLower(strings.Join(c.path, "/")), t.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	until, waiting := t.deferred[photo]
	if !waiting {
		until = now.Add(c.sky.Hesitation)
		t.deferred[photo] = until
	}
	if !now.Before(until) {
		delete(t.deferred, photo)
		return 0
	}
	return until.Sub(now)
}

// proxyPage is what a proxy says that wants somebody to sign in at it first.
func proxyPage() Answer {
	return Answer{
		Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body: "<!DOCTYPE html><title>Network sign-in</title><p>Please sign in to use this network.",
	}
}

// lag returns how far reads lag behind writes.
func (w Weather) lag() time.Duration {
	switch {
	case w.ReadDelay < 0:
		return 0
	case w.ReadDelay == 0:
		return readDelay
	}
	return w.ReadDelay
}

// absentCode returns the code with which a missing photo is answered, and
// Microsoft's message for it.
func (w Weather) absentCode() (code, message string) {
	switch w.AbsentCode {
	case "", "ImageNotFound":
		return "ImageNotFound", "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException' was thrown."
	}
	return w.AbsentCode, "The photo wasn't found."
}

// drop ends the connection without an answer; net/http does so on this panic,
// and says nothing about it.
func drop() { panic(http.ErrAbortHandler) }
