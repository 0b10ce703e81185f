package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"portrait/internal/directory"
)

// runForget deletes what is kept of somebody who has left, and their name from the
// audit log.
func runForget(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("portrait forget", flag.ContinueOnError)
	flags.SetOutput(stderr)
	reason := flags.String("reason", "", "why, for the log")
	if err := flags.Parse(args); err != nil {
		return wrongUse{err}
	}
	person := directory.ID(strings.ToLower(flags.Arg(0)))
	if flags.NArg() != 1 || !directory.IsGUID(person) || strings.TrimSpace(*reason) == "" {
		return wrongUse{errors.New("usage: portrait forget --reason TEXT OBJECT-ID, where OBJECT-ID is the person's id in the directory, a GUID")}
	}
	trail, tenant, closeStore, err := openAudit(ctx, stderr)
	if err != nil {
		return err
	}
	defer closeStore()
	if !directory.IsGUID(tenant) {
		return wrongUse{fmt.Errorf("PORTRAIT_TENANT is %q: it is the tenant's id, a GUID", tenant)}
	}
	deleted, err := trail.Store.Forget(ctx, tenant, person, time.Now())
	if err != nil {
		return err
	}
	erased, err := trail.Erase(ctx, tenant, person, *reason)
	if err != nil {
		return err
	}
	for _, p := range deleted {
		if _, err := fmt.Fprintf(stdout, "Deleted from %s: %d rows.\n", p.What, p.Deleted); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(stdout, "Names and reasons were erased from %d entries of the audit log.\n", erased)
	return err
}
