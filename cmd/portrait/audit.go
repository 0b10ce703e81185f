package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"portrait/internal/audit"
	"portrait/internal/directory"
	"portrait/internal/store"
)

const (
	// A checkpoint follows so many entries, or so long after the one before. What
	// was written since could be cut off unnoticed.
	checkpointEntries = 100
	checkpointAge     = 15 * time.Minute

	checkAge   = 24 * time.Hour // how old the last verification of the whole log may be
	purgeEvery = 24 * time.Hour
	auditEvery = time.Minute // how often it is looked whether something is due
	lastWords  = 10 * time.Second
)

// auditLog returns the audit log in db.
func auditLog(c config, db *store.Store, log *slog.Logger) *audit.Log {
	return &audit.Log{Store: db, Keys: c.AuditKeys, Now: time.Now, Log: log}
}

// keepAudit writes checkpoints, verifies the log once a day and deletes what is
// older than age, until ctx ends.
func keepAudit(ctx context.Context, trail *audit.Log, age time.Duration, log *slog.Logger) {
	said := func(what string, err error) {
		if err != nil && ctx.Err() == nil {
			log.Warn("the audit log couldn't be looked after", "what", what, "cause", err.Error())
		}
	}
	var purged time.Time
	for {
		said("checkpoint", trail.CheckpointIfDue(ctx, checkpointEntries, checkpointAge))
		said("check", trail.CheckIfDue(ctx, checkAge))
		if now := time.Now(); now.Sub(purged) >= purgeEvery {
			purged = now
			n, err := trail.Purge(ctx, now.Add(-age))
			said("purge", err)
			if n > 0 {
				log.Info("audit entries purged", "entries", n)
			}
		}
		if sleep(ctx, auditEvery) != nil {
			return
		}
	}
}

// lastCheckpoint writes a checkpoint of what was added since the newest one.
func lastCheckpoint(trail *audit.Log, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), lastWords)
	defer cancel()
	if err := trail.Checkpoint(ctx); err != nil {
		log.Warn("no last checkpoint", "cause", err.Error())
	}
}

// runAudit does what `portrait audit` is asked for.
func runAudit(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	command := ""
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	switch command {
	case "verify":
		return verifyAudit(ctx, args, stdout, stderr)
	case "erase":
		return eraseFromAudit(ctx, args, stdout, stderr)
	}
	return wrongUse{errors.New("usage: portrait audit verify [--checkpoints FILE] [--json], or portrait audit erase --reason TEXT OBJECT-ID")}
}

// verifyAudit prints whether the audit log is as it was written, and fails if it
// isn't.
func verifyAudit(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("portrait audit verify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	path := flags.String("checkpoints", "", "log, one JSON object a line, whose checkpoints the audit log is compared with")
	asJSON := flags.Bool("json", false, "print the report as JSON")
	if err := flags.Parse(args); err != nil {
		return wrongUse{err}
	}
	points, err := readCheckpoints(*path)
	if err != nil {
		return wrongUse{err}
	}
	trail, _, closeStore, err := openAudit(ctx, stderr)
	if err != nil {
		return err
	}
	defer closeStore()
	report, err := trail.Verify(ctx, points)
	if err != nil {
		return err
	}
	if *asJSON {
		err = json.NewEncoder(stdout).Encode(report)
	} else {
		_, err = io.WriteString(stdout, summary(report))
	}
	if report.Wrong != nil {
		return errors.Join(err, fmt.Errorf("the audit log is NOT as it was written: %s", report.Wrong))
	}
	return err
}

// summary says r in sentences.
func summary(r audit.Report) string {
	var b strings.Builder
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) } // a Builder never fails
	if r.Wrong == nil {
		say("The audit log is as it was written.")
	}
	say("Entries verified: %d (%d to %d)", r.Entries, r.First, r.Last)
	if r.Purged > 0 {
		say("Purged because of their age: entries up to %d, on %s", r.Purged, r.PurgedAt.UTC().Format(time.DateTime))
	}
	if r.Erased > 0 {
		say("Entries whose names were erased: %d", r.Erased)
	}
	if r.Checkpoints+r.Past > 0 {
		say("Checkpoints compared: %d (%d more are about entries purged since)", r.Checkpoints, r.Past)
	} else {
		say("No checkpoints from outside were compared: whether the end was cut off can't be seen without (--checkpoints).")
	}
	return b.String()
}

// readCheckpoints returns the checkpoints in the file at path, none for "". A
// file without any is refused: comparing with nothing proves nothing.
func readCheckpoints(path string) ([]audit.Checkpoint, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path) // #nosec G304 -- what the operator names on the command line
	if err != nil {
		return nil, err
	}
	defer file.Close() // it was only read
	points, err := audit.ReadCheckpoints(file)
	if err != nil {
		return nil, err
	}
	if len(points) == 0 {
		return nil, fmt.Errorf("%s holds no checkpoints", path)
	}
	return points, nil
}

// eraseFromAudit erases the names beside the entries of one person.
func eraseFromAudit(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("portrait audit erase", flag.ContinueOnError)
	flags.SetOutput(stderr)
	reason := flags.String("reason", "", "why, for the log")
	if err := flags.Parse(args); err != nil {
		return wrongUse{err}
	}
	person := directory.ID(strings.ToLower(flags.Arg(0)))
	if flags.NArg() != 1 || !directory.IsGUID(person) || strings.TrimSpace(*reason) == "" {
		return wrongUse{errors.New("usage: portrait audit erase --reason TEXT OBJECT-ID, where OBJECT-ID is the person's id in the directory, a GUID")}
	}
	trail, tenant, closeStore, err := openAudit(ctx, stderr)
	if err != nil {
		return err
	}
	defer closeStore()
	if !directory.IsGUID(tenant) {
		return wrongUse{fmt.Errorf("PORTRAIT_TENANT is %q: it is the tenant's id, a GUID", tenant)}
	}
	n, err := trail.Erase(ctx, tenant, person, *reason)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "Names and reasons were erased from %d entries.\n", n)
	return err
}

// openAudit opens the audit log with the few settings that it takes, and returns
// it with the tenant's id as it is set.
func openAudit(ctx context.Context, stderr io.Writer) (*audit.Log, directory.ID, func(), error) {
	vars, err := environment()
	if err != nil {
		return nil, "", nil, wrongUse{err}
	}
	c, err := parseAuditConfig(vars)
	if err != nil {
		return nil, "", nil, wrongUse{err}
	}
	db, err := store.Open(ctx, c.Database, c.Keys)
	if err != nil {
		return nil, "", nil, fmt.Errorf("the database can't be opened: %w", err)
	}
	log := slog.New(slog.NewJSONHandler(stderr, nil))
	return auditLog(c, db, log), c.Tenant, func() { _ = db.Close() }, nil // the process ends
}
