package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"portrait/internal/store"
)

// rewrapEvery is how often it is looked for what an older key sealed: a replica
// that still had that one first may have written in between.
const rewrapEvery = 24 * time.Hour

// rewrap seals anew what older keys sealed, at once and then once a day, until
// ctx ends. Nobody waits for it: older keys open what isn't done yet.
func rewrap(ctx context.Context, db *store.Store, log *slog.Logger) {
	for {
		done, err := db.Rewrap(ctx)
		if err != nil && ctx.Err() == nil {
			log.Warn("what older keys sealed couldn't be sealed anew", "cause", err.Error())
		}
		level := slog.LevelInfo
		if done.Closed > 0 {
			level = slog.LevelWarn // a key has left too early
		}
		if done != (store.Rewrapped{}) {
			log.Log(ctx, level, "sealed anew with the newest key", "values", done.Anew, "lost", done.Closed, "untilSignedOut", done.Cookie)
		}
		if sleep(ctx, rewrapEvery) != nil {
			return
		}
	}
}

// runKeys does what `portrait keys` is asked for: rewrap, which does now what the
// server does when it starts, and says whether older keys can leave.
func runKeys(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) != 1 || args[0] != "rewrap" {
		return wrongUse{errors.New("usage: portrait keys rewrap")}
	}
	vars, err := environment()
	if err != nil {
		return wrongUse{err}
	}
	c, err := parseKeysConfig(vars)
	if err != nil {
		return wrongUse{err}
	}
	db, err := store.Open(ctx, c.Database, c.Keys)
	if err != nil {
		return fmt.Errorf("the database can't be opened: %w", err)
	}
	defer db.Close() // the process ends
	done, err := db.Rewrap(ctx)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(stdout, rewrapped(done)); err != nil {
		return err
	}
	if done.Closed > 0 {
		return fmt.Errorf("%d values can't be opened with any key of PORTRAIT_KEYS: a key has left too early; put it back, at the end", done.Closed)
	}
	return nil
}

// rewrapped says done in sentences.
func rewrapped(done store.Rewrapped) string {
	text := fmt.Sprintf("Sealed anew with the newest key: %d values\n", done.Anew)
	switch {
	case done.Closed > 0:
		return text
	case done.Cookie > 0:
		return text + fmt.Sprintf("Sessions that an older key sealed: %d. They end within 12 hours; a key that leaves earlier signs these people out, and nothing else is lost.\n", done.Cookie)
	}
	return text + "Nothing needs an older key any more.\n"
}
