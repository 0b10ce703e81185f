package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"portrait/internal/batch"
	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/store"
	"portrait/internal/words"
)

// batchUsage is what `portrait batch -h` prints.
const batchUsage = `Changes many photos at once, from a terminal, as the helpdesk does in the browser.

  portrait batch run DIR|ZIP --reason TEXT [--csv FILE] [--title TEXT] [--dry-run] [--only-missing] [--no-wait]
      finds whose photo each picture is to be, prints the plan, and runs it
  portrait batch status [ID] [--items] [--wait]
      lists the newest batches, or says how far one is; --wait follows it to its end
  portrait batch rollback ID --reason TEXT [--no-wait]
      makes a batch that puts back the photos that were there, and runs it

  --reason TEXT    why, for the audit log, such as a ticket number
  --csv FILE       table that says whose pictures they are: userPrincipalName,file (or mail, or employeeId)
  --dry-run        say for each person what would happen, and change nothing
  --only-missing   skip people who have a photo
  --no-wait        end once the batch is queued, instead of following it
  --items          a line for each picture, not only for those that somebody should look at

It takes the settings of the server (environment variables, see docs/settings.md) and
works on the same database. A server that works batches does the work; where none
does, this command does it until it ends. Batches above PORTRAIT_APPROVAL_ABOVE
wait for somebody of the helpdesk, who approves them in the browser.

Exit codes: 0 all is done · 1 trouble · 2 wrong setting or argument ·
3 somebody has to look: pictures for nobody, failed items, or it is paused ·
4 it waits for approval.
`

// batchUse is what somebody hears who uses it wrongly.
const batchUse = "usage: portrait batch run DIR|ZIP --reason TEXT, portrait batch status [ID], or portrait batch rollback ID --reason TEXT; " +
	"portrait batch -h says more"

// Exit codes of `portrait batch`, beside those of run.
const (
	exitLook     = 3 // somebody has to look
	exitApproval = 4 // it waits for approval
)

// endedWith is an error that says how a command has ended, and the exit code.
type endedWith struct {
	error
	code int
}

// batchOptions are the arguments of `portrait batch`.
type batchOptions struct {
	batch.Wish
	table  string // path of the CSV, "" = none
	noWait bool
	items  bool
	wait   bool
	rest   []string // what isn't a flag
}

// runBatch does what `portrait batch` is asked for.
func runBatch(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	command := ""
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	deeds := map[string]struct {
		do     func(*terminal, context.Context, batchOptions) error
		least  int // arguments
		most   int
		reason bool
	}{
		"run":      {(*terminal).run, 1, 1, true},
		"status":   {(*terminal).status, 0, 1, false},
		"rollback": {(*terminal).rollback, 1, 1, true},
	}
	o, err := parseBatch(args, stderr)
	deed, known := deeds[command]
	switch {
	case errors.Is(err, flag.ErrHelp), command == "-h", command == "--help", command == "help":
		_, err = io.WriteString(stdout, batchUsage)
		return err
	case err != nil:
		return wrongUse{err}
	case !known || len(o.rest) < deed.least || len(o.rest) > deed.most:
		return wrongUse{errors.New(batchUse)}
	case deed.reason && strings.TrimSpace(o.Reason) == "":
		return wrongUse{errors.New("--reason is missing: say what it is for, such as a ticket number; the audit log keeps it")}
	}
	t, closeAll, err := openTerminal(ctx, stdout)
	if err != nil {
		return err
	}
	defer closeAll()
	err = deed.do(t, ctx, o)
	var f *fault.Error
	if errors.As(err, &f) && f.Say.ID != "" {
		return fmt.Errorf("%s (%w)", t.say.Say(f.Say), err)
	}
	return err
}

// parseBatch reads flags and arguments in any order.
func parseBatch(args []string, stderr io.Writer) (o batchOptions, err error) {
	flags := flag.NewFlagSet("portrait batch", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {}
	flags.StringVar(&o.Reason, "reason", "", "")
	flags.StringVar(&o.Title, "title", "", "")
	flags.StringVar(&o.table, "csv", "", "")
	flags.BoolVar(&o.DryRun, "dry-run", false, "")
	flags.BoolVar(&o.OnlyMissing, "only-missing", false, "")
	flags.BoolVar(&o.noWait, "no-wait", false, "")
	flags.BoolVar(&o.items, "items", false, "")
	flags.BoolVar(&o.wait, "wait", false, "")
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return o, err
		}
		if args = flags.Args(); len(args) > 0 {
			o.rest, args = append(o.rest, args[0]), args[1:]
		}
	}
	return o, nil
}

// terminal is where an operator does batches.
type terminal struct {
	site  built
	actor directory.Actor
	log   *slog.Logger
	out   io.Writer
	say   words.Printer
	url   string // of the site, where somebody approves
	stop  func() // ends the work that this process does; nil where it does none
}

// openTerminal puts the site together, without serving it, for the operator who
// runs this process. closeAll ends its work.
func openTerminal(ctx context.Context, stdout io.Writer) (*terminal, func(), error) {
	vars, err := environment()
	if err != nil {
		return nil, nil, wrongUse{err}
	}
	sudo := vars["SUDO_USER"]
	c, err := parseConfig(vars)
	if err != nil {
		return nil, nil, wrongUse{err}
	}
	catalog, err := words.New()
	if err != nil {
		return nil, nil, err
	}
	db, err := store.Open(ctx, c.Database, c.Keys)
	if err != nil {
		return nil, nil, fmt.Errorf("the database can't be opened: %w", err)
	}
	log := slog.New(slog.DiscardHandler) // what goes wrong with an item, its row says
	site, err := build(c, db, nil, log)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	t := &terminal{site: site, log: log, out: stdout, say: catalog.Printer(words.Languages[0], ""), url: c.BaseURL.String()}
	t.actor = operatorOf(c.Tenant, sudo)
	// Nobody has a session here: what proves the operator is that they have the
	// settings.
	fresh := func(_ context.Context, a directory.Actor) (directory.Actor, error) { return a, nil }
	site.photos.Fresh, site.batches.Fresh = fresh, fresh
	site.batches.Replica += " batch " + strconv.Itoa(os.Getpid())
	queue, err := db.Queue(ctx, log)
	if err == nil {
		err = site.batches.OpenToQueue(queue)
	}
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return t, func() {
		if t.stop != nil {
			t.stop()
		}
		_, _ = queue.Close(), db.Close() // the process ends
	}, nil
}

// operatorOf returns the operator who runs this process, in tenant: the OS user
// and the host, and who has become that user by sudo, as sudo says.
func operatorOf(tenant directory.ID, sudo string) directory.Actor {
	name := "uid " + strconv.Itoa(os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	name += "@" + host
	a := directory.Actor{Tenant: tenant, ID: directory.OperatorID(name), Role: directory.Operator, Name: name}
	if sudo != "" {
		a.Name += " (by sudo: " + sudo + ")"
	}
	return a
}

// drop cancels a batch that can't be prepared, so that its pictures go at once.
func (t *terminal) drop(ctx context.Context, id string, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(cause, t.site.batches.Cancel(ctx, t.actor, id))
}
