// Command portrait serves the site with which the people of a Microsoft 365
// tenant set profile photos.
//
//	portrait [serve]   serves; the settings are environment variables
//	portrait demo      serves a demo tenant in a box, on this machine only
//	portrait check     says whether everything that it needs is right, and what to do
//	portrait backup    copies the SQLite database while it is in use
//	portrait migrate   brings the database up to date
//	portrait batch     changes many photos, as the helpdesk does in the browser
//	portrait audit     verifies the audit log, or erases a person's name from it
//	portrait forget    deletes what is kept of somebody who has left
//	portrait keys      seals anew, with the newest key, what older ones sealed
//	portrait version   prints the version
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run does what args ask for and returns the exit code: 0 for success, 1 for
// trouble, 2 for a wrong setting or argument; batchUsage says which others
// `portrait batch` has.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	command := "serve"
	if len(args) > 0 {
		command = args[0]
	}
	var err error
	switch command {
	case "serve":
		err = serveTenant(ctx, stderr)
	case "demo":
		err = serveDemo(ctx, stdout, stderr)
	case "check":
		err = runCheck(ctx, args[1:], stdout, stderr)
	case "backup":
		err = runBackup(ctx, args[1:], stdout)
	case "migrate":
		err = runMigrate(ctx, args[1:], stdout)
	case "batch":
		err = runBatch(ctx, args[1:], stdout, stderr)
	case "audit":
		err = runAudit(ctx, args[1:], stdout, stderr)
	case "forget":
		err = runForget(ctx, args[1:], stdout, stderr)
	case "keys":
		err = runKeys(ctx, args[1:], stdout)
	case "version":
		_, err = fmt.Fprintln(stdout, "portrait", version())
	default:
		err = wrongUse{fmt.Errorf("unknown command %q: it can be serve, demo, check, backup, migrate, batch, audit, keys or version", command)}
	}
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintln(stderr, err) // nothing is left to tell it to
	var wrong wrongUse
	var ended endedWith
	switch {
	case errors.As(err, &wrong):
		return 2
	case errors.As(err, &ended):
		return ended.code
	}
	return 1
}

// wrongUse is an error in the settings or arguments.
type wrongUse struct{ error }

// serveTenant serves the tenant that the environment names. A log that nobody
// reads any more doesn't end it, as a closed pipe ends programs otherwise.
func serveTenant(ctx context.Context, stderr io.Writer) error {
	signal.Ignore(syscall.SIGPIPE)
	vars, err := environment()
	if err != nil {
		return wrongUse{err}
	}
	c, err := parseConfig(vars)
	if err != nil {
		return wrongUse{err}
	}
	log := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: c.LogLevel}))
	// Checkpoints of the audit log are written however little else is.
	checkpoints := slog.New(slog.NewJSONHandler(stderr, nil))
	return serve(ctx, c, log, checkpoints, func() { log.Info("serving", "url", c.BaseURL.String(), "version", version()) })
}

// version returns the module's version, or the revision that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return info.Main.Version
}
