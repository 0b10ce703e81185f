package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"portrait/internal/auth"
	"portrait/internal/store"
)

// checkWithin is how long all of a check may take.
const checkWithin = 2 * time.Minute

// The states of a checked thing.
const (
	green   = "green"
	amber   = "amber" // it works, or can't be told; somebody should look
	red     = "red"
	skipped = "skipped"
)

// finding is one line of a check: what was looked at, how it is, and what to do
// about it.
type finding struct {
	Name   string `json:"name"`
	State  string `json:"state"`
	Found  string `json:"found"`
	Remedy string `json:"remedy,omitempty"`
}

// checkReport is what `portrait check` says.
type checkReport struct {
	OK          bool         `json:"ok"` // nothing is red
	Findings    []finding    `json:"findings"`
	Redirects   []string     `json:"redirectAddresses"` // that the registration has to list
	Logout      string       `json:"logoutAddress"`
	Permissions []permission `json:"permissions"`
}

// checkup is a check under way.
type checkup struct {
	config  config
	now     func() time.Time
	graph   *http.Client
	issuer  *http.Client
	signIn  *auth.Auth
	skip    []string // names that aren't looked at
	token   string   // the app's own
	answers []dated  // for the clock
	report  checkReport
}

// dated is when a host said it was, and when it was here.
type dated struct {
	host        string
	theirs      time.Time
	begun, done time.Time
}

// errUnwell says that something is red.
var errUnwell = errors.New("portrait check: something has to be put right, see the lines that say red")

// runCheck does what `portrait check` is asked for. It fails with errUnwell if
// anything is red.
func runCheck(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("portrait check", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print the report as JSON")
	file := flags.String("settings", "", "file with the settings, NAME=value a line, in place of the environment")
	without := flags.String("without", "", "names of lines that aren't looked at, parted by commas: for what isn't offered here")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return wrongUse{errors.Join(err, errors.New("usage: portrait check [--json] [--settings FILE] [--without NAME,NAME]"))}
	}
	vars, err := settingsFrom(*file)
	if err != nil {
		return wrongUse{err}
	}
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	report := check(ctx, vars, splitList(*without), time.Now)
	if *asJSON {
		err = json.NewEncoder(stdout).Encode(report)
	} else {
		_, err = io.WriteString(stdout, report.text())
	}
	if !report.OK {
		err = errors.Join(err, errUnwell)
	}
	return err
}

func splitList(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// check looks at everything that the settings in vars lead to, and changes
// nothing.
func check(ctx context.Context, vars map[string]string, skip []string, now func() time.Time) checkReport {
	c, err := parseConfig(vars)
	k := &checkup{config: c, now: now, skip: skip}
	if err != nil {
		k.wrongSettings(err)
		return k.report
	}
	k.add(finding{"settings", green, "all are in order", ""})
	k.graph, k.issuer = outgoing(c.GraphURL), outgoing(auth.ProviderOrigins(c.Issuer)...)
	// Nothing that is asked of it here looks into its store.
	k.signIn, err = auth.New(auth.Config{
		Issuer: c.Issuer, ClientID: c.ClientID, Credential: c.Credential, Tenant: c.Tenant, BaseURL: c.BaseURL.String(),
		ScopePrefix: c.ScopePrefix, GroupScope: c.GroupScope, HelpdeskRole: c.HelpdeskRole,
		Store: new(store.Store), HTTP: k.issuer, Now: now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		k.add(finding{"settings", red, err.Error(), "see docs/settings.md"})
		return k.report
	}
	for _, step := range []func(context.Context){
		k.hosts, k.provider, k.credential, k.redirect, k.credentialEnd, k.applicationPermissions, k.photoSettings, k.clock, k.database,
	} {
		step(ctx)
	}
	k.finish()
	return k.report
}

// wrongSettings puts each of errs on the line that it is about. Nothing else can
// be looked at.
func (k *checkup) wrongSettings(err error) {
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, e := range all {
		k.add(finding{lineOf(e.Error()), red, e.Error(), "put the setting right; docs/settings.md has a table of all of them"})
	}
	k.report.Findings = append(k.report.Findings, finding{"everything else", skipped, "isn't looked at until the settings are in order", ""})
}

// lineOf returns the name of the line that a sentence about a setting belongs to.
func lineOf(sentence string) string {
	for _, l := range []struct{ setting, line string }{
		{"_KEYS", "keys"}, {"PORTRAIT_CLIENT_", "credential"}, {"PORTRAIT_FEDERATED", "credential"}, {"PORTRAIT_DATABASE", "database"},
		{"PORTRAIT_OIDC_ISSUER", "issuer"}, {"PORTRAIT_TENANT", "issuer"}, {"PORTRAIT_CLOUD", "issuer"},
		{"PORTRAIT_GRAPH_URL", "hosts"}, {"PORTRAIT_URL", "redirect"},
	} {
		if strings.Contains(sentence, l.setting) {
			return l.line
		}
	}
	return "settings"
}

// add adds a line, unless it isn't to be looked at.
func (k *checkup) add(f finding) {
	if slices.Contains(k.skip, f.Name) {
		f = finding{f.Name, skipped, "isn't looked at: --without", ""}
	}
	k.report.Findings = append(k.report.Findings, f)
	k.report.OK = !slices.ContainsFunc(k.report.Findings, func(f finding) bool { return f.State == red })
}

// finish adds what is printed to compare.
func (k *checkup) finish() {
	base := k.config.BaseURL.String()
	k.report.Redirects = []string{base + "/auth/callback", base + "/"}
	k.report.Logout = base + "/auth/front-channel-logout"
	k.report.Permissions = permissions(k.config)
}

// text is the report for people.
func (r checkReport) text() string {
	var b strings.Builder
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) } // a Builder never fails
	for _, f := range r.Findings {
		say("%-8s %-28s %s", f.State, f.Name, f.Found)
		if f.Remedy != "" {
			say("%-8s %-28s → %s", "", "", f.Remedy)
		}
	}
	if len(r.Redirects) > 0 {
		say("\nThe app registration has to list, exactly:")
		say("  redirect addresses (Web)       %s", strings.Join(r.Redirects, "  "))
		say("  front-channel logout address   %s", r.Logout)
		say("  permissions of Microsoft Graph, each for what you want to offer and none beside:")
		for _, p := range r.Permissions {
			say("    %-28s %-12s %s", p.Name, p.Kind, p.For)
		}
	}
	return b.String()
}
