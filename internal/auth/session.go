package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/sessions"

	"portrait/internal/directory"
	"portrait/internal/store"
)

// content is what a session's row holds, sealed.
type content struct {
	Actor     directory.Actor
	Subject   string // sub of the ID token
	Hint      string // the provider's login_hint for the next sign-in and sign-out, "" if it sends none
	Tokens    tokens
	CSRF      string
	SignedIn  time.Time
	Proven    time.Time // when the provider last said who this is and what role they have
	Challenge challenge
}

// tokens are what a person acts with. The zero value means that the provider
// takes them no longer.
type tokens struct {
	Access  string
	Refresh string
	Expires time.Time
}

func (t tokens) dead() bool { return t.Access == "" }

// saved is a session as it stands in the store.
type saved struct {
	secret  []byte // what the cookie holds
	row     store.Session
	content content
}

// savedKey is where a gorilla session keeps its saved. One typed value, because
// the parts are read and written together.
type savedKey struct{}

// alive is how old a session may be at now.
func alive(now time.Time) store.Alive {
	return store.Alive{SeenAfter: now.Add(-Idle), CreatedAfter: now.Add(-Absolute)}
}

// sessionStore is a sessions.Store over the database.
type sessionStore struct {
	store  *store.Store
	now    func() time.Time
	log    *slog.Logger
	secure bool
}

// name is the cookie's. The prefix makes browsers refuse it from another host
// or a plain connection; they know it on https only.
//
// Source: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
func (s *sessionStore) name() string {
	if s.secure {
		return "__Host-portrait"
	}
	return "portrait"
}

// options are set in full: gorilla's own are SameSite=None, readable by
// scripts, for 30 days. Lax, because the way back from the provider is a
// cross-site navigation. Without an age it is gone with the browser.
func (s *sessionStore) options() *sessions.Options {
	return &sessions.Options{Path: "/", Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// Get returns the session of r, read once per request.
func (s *sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the session of r. It is new where there is no cookie, or none that
// means anything; an error means that the database failed.
func (s *sessionStore) New(r *http.Request, name string) (*sessions.Session, error) {
	session := s.fresh()
	secret := secretCookie(r, name)
	if secret == nil {
		return session, nil
	}
	found, err := s.read(r.Context(), secret)
	switch {
	case errors.Is(err, store.ErrNone):
		return session, nil
	case errors.Is(err, store.ErrSealed):
		s.log.WarnContext(r.Context(), "a session's row can't be opened: was its key taken from PORTRAIT_KEYS?")
		return session, nil
	case err != nil:
		return session, err
	}
	session.ID = base64.RawURLEncoding.EncodeToString(secret)
	session.IsNew = false
	session.Values[savedKey{}] = found
	return session, nil
}

// fresh returns a session that no row stands for yet.
func (s *sessionStore) fresh() *sessions.Session {
	session := sessions.NewSession(s, s.name())
	session.Options = s.options()
	session.IsNew = true
	return session
}

// Save writes session and its cookie: a new row under a new secret where it has
// no ID, over what was read where it has one, and no row at all where its
// MaxAge is below zero.
//
// It fails with store.ErrConflict if the row was changed meanwhile.
func (s *sessionStore) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	const op = "auth.Save"
	this, ok := session.Values[savedKey{}].(saved)
	if session.Options.MaxAge < 0 {
		if ok {
			if err := s.store.EndSession(r.Context(), this.secret); err != nil {
				return err
			}
		}
		http.SetCookie(w, sessions.NewCookie(session.Name(), "", session.Options))
		return nil
	}
	if !ok {
		return fmt.Errorf("%s: the session is empty", op)
	}
	if session.ID != "" {
		err := s.write(r.Context(), "", &this)
		session.Values[savedKey{}] = this
		return err
	}
	this.secret = random(store.SecretBytes)
	data, err := json.Marshal(this.content)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	this.row.Data = data
	if err := s.store.CreateSession(r.Context(), this.secret, this.row); err != nil {
		return err
	}
	session.ID = base64.RawURLEncoding.EncodeToString(this.secret)
	session.Values[savedKey{}] = this
	http.SetCookie(w, sessions.NewCookie(session.Name(), session.ID, session.Options))
	return nil
}

// read returns the session of secret. It fails with store.ErrNone and
// store.ErrSealed.
func (s *sessionStore) read(ctx context.Context, secret []byte) (saved, error) {
	row, err := s.store.Session(ctx, secret, alive(s.now()))
	if err != nil {
		return saved{}, err
	}
	this := saved{secret: secret, row: row}
	if err := json.Unmarshal(row.Data, &this.content); err != nil {
		return saved{}, errors.New("auth.read: a session's row isn't ours") // the cause would quote tokens
	}
	this.row.Data = nil // content has it
	if s.isOver(this) {
		return saved{}, store.ErrNone
	}
	return this, nil
}

// isOver reports whether this has outlived the shorter limits of its role, which
// the row tells nobody. What is over stays so: nothing but a reading writes the
// time that it was seen.
func (s *sessionStore) isOver(this saved) bool {
	if this.content.Actor.Role != directory.Helpdesk {
		return false
	}
	now := s.now()
	return now.Sub(this.row.Seen) >= HelpdeskIdle || now.Sub(this.row.Created) >= HelpdeskAbsolute
}

// write stores this.content over what was read, under the lease of holder or,
// with "", without one, and sets the row's version to what it is then. It fails
// with store.ErrConflict.
func (s *sessionStore) write(ctx context.Context, holder string, this *saved) error {
	data, err := json.Marshal(this.content)
	if err != nil {
		return fmt.Errorf("auth.write: %w", err)
	}
	row := this.row
	row.Data = data
	if err := s.store.SaveSession(ctx, this.secret, holder, row); err != nil {
		return err
	}
	this.row.Version++
	return nil
}

// secretCookie returns the secret in the cookie called name, or nil if there is
// none or it isn't spelled exactly as we spell it.
func secretCookie(r *http.Request, name string) []byte {
	cookie, err := r.Cookie(name)
	if err != nil {
		return nil
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(cookie.Value)
	if err != nil || len(secret) != store.SecretBytes {
		return nil
	}
	return secret
}

// visit is the session within one request. A refresh that happens meanwhile
// changes it.
type visit struct {
	mu    sync.Mutex
	saved saved
}

type visitKey struct{}

// visitOf returns the session in ctx, or nil.
func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

func (v *visit) get() saved {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.saved
}

func (v *visit) set(s saved) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.saved = s
}
