package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"portrait/internal/store"
)

// sameSignIn is how far apart what one sign-in was granted may be noted.
const sameSignIn = time.Hour

// database looks at the database, and at what only it can tell: keys and what
// people have granted. One that isn't up to date isn't brought up to date.
func (k *checkup) database(ctx context.Context) {
	c, err := store.Look(ctx, k.config.Database)
	switch {
	case err != nil:
		k.add(finding{"database", red, err.Error(), "compare PORTRAIT_DATABASE; a file's folder must be there and writable, PostgreSQL must answer and take the password"})
	case c.New:
		k.add(finding{"database", green, "it is empty or not there yet: portrait serve makes it", ""})
	case c.Schema > c.Latest:
		k.add(finding{"database", red, fmt.Sprintf("its schema is %d, this program knows %d", c.Schema, c.Latest), "a newer Portrait has used it: run that one, or restore a backup"})
	case c.Schema < c.Latest:
		k.add(finding{"database", amber, fmt.Sprintf("its schema is %d, this program's %d", c.Schema, c.Latest), "make a backup; portrait serve brings it up to date when it starts, or portrait migrate before"})
	}
	if err == nil && !c.New && c.Schema == c.Latest {
		k.inside(ctx)
		return
	}
	k.add(finding{"keys", green, "both sets are keys; nothing is sealed with them that could be compared", ""})
	k.add(k.unproven())
}

// inside opens the database, which changes nothing now that it is up to date.
func (k *checkup) inside(ctx context.Context) {
	db, err := store.Open(ctx, k.config.Database, k.config.Keys)
	if err == nil {
		defer db.Close() // nothing is left to write
		err = db.Ready(ctx)
	}
	if err != nil {
		k.add(finding{"database", red, "it takes no writes: " + causeOf(err), "look for a full disk, a read-only file, or missing rights"})
		return
	}
	k.add(finding{"database", green, "it is up to date and takes writes", ""})
	k.keys(ctx, db)
	granted, err := db.Granted(ctx)
	if err != nil {
		k.add(finding{"delegated permissions", red, causeOf(err), "see database"})
		return
	}
	k.add(k.granted(granted))
}

// keys says whether everything in db can be opened.
func (k *checkup) keys(ctx context.Context, db *store.Store) {
	uses, err := db.KeysInUse(ctx)
	var audits []string
	if err == nil {
		audits, err = db.AuditKeysInUse(ctx)
	}
	if err != nil {
		k.add(finding{"keys", red, causeOf(err), "see database"})
		return
	}
	var lost []string
	for _, u := range uses {
		if u.Place == 0 {
			lost = append(lost, fmt.Sprintf("%d rows of %s (key %s)", u.Rows, u.Table, u.Key))
		}
	}
	if len(lost) > 0 {
		k.add(finding{"keys", red, "PORTRAIT_KEYS lacks a key that seals " + strings.Join(lost, ", "), "put the missing key behind the others, parted by a comma"})
		return
	}
	if i := slices.IndexFunc(audits, func(id string) bool { return !k.config.AuditKeys.Has(id) }); i >= 0 {
		k.add(finding{"keys", red, "PORTRAIT_AUDIT_KEYS lacks the key " + audits[i] + ", which entries of the audit log are authenticated with", "put the missing key behind the others: a key of the audit log never leaves"})
		return
	}
	k.add(finding{"keys", green, "everything in the database can be opened" + idle(uses, k.config.Keys.Len()), ""})
}

// idle says which keys no row needs any more.
func idle(uses []store.KeyUse, keys int) string {
	said := ""
	for place := 2; place <= keys; place++ {
		if !slices.ContainsFunc(uses, func(u store.KeyUse) bool { return u.Place == place }) {
			said += fmt.Sprintf("; key %d seals nothing any more and may leave", place)
		}
	}
	return said
}

func (k *checkup) unproven() finding {
	return finding{"delegated permissions", amber, "they can't be proven before somebody signs in", "sign in once, then check again"}
}

// granted says what people were granted when they last signed in.
func (k *checkup) granted(at map[string]time.Time) finding {
	const own = "user.readwrite"
	last, ok := at[store.AnySignIn]
	if !ok {
		return k.unproven()
	}
	if last.Sub(at[own]) > sameSignIn {
		return finding{"delegated permissions", red, "the last sign-in, " + last.UTC().Format(time.RFC3339) + ", wasn't granted User.ReadWrite: nobody can save a photo of their own",
			"list the delegated permission User.ReadWrite in the registration and grant admin consent"}
	}
	var yet []string
	for _, name := range delegated(permissions(k.config)) {
		if _, ok := at[name]; !ok {
			yet = append(yet, name)
		}
	}
	said := "the last sign-in, " + last.UTC().Format(time.RFC3339) + ", was granted User.ReadWrite"
	if len(yet) > 0 {
		said += "; nobody has been asked yet for " + strings.Join(yet, ", ")
	}
	return finding{"delegated permissions", green, said, ""}
}
