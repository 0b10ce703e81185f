package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portrait/internal/auth"
	"portrait/internal/demo"
)

// settingsOf returns the settings that s runs with.
func (s *testSite) settingsOf() map[string]string {
	vars := map[string]string{
		"PORTRAIT_URL": s.url, "PORTRAIT_OIDC_ISSUER": s.tenant.Issuer(), "PORTRAIT_GRAPH_URL": s.tenant.GraphURL(),
		"PORTRAIT_CLIENT_ID": s.tenant.ClientID(), "PORTRAIT_CLIENT_SECRET": s.tenant.ClientSecret(),
	}
	for name, value := range s.secrets {
		vars[name] = value
	}
	return vars
}

// used returns a site that people have signed in to and saved a photo with.
func used(t *testing.T) *testSite {
	s := newSite(t)
	s.signedInFor("owner", auth.ForGroups, auth.ForTeams, auth.ForContacts, auth.ForShared).put(sample(t, "tiny.jpg"))
	return s
}

// TestCheckOfTheDemoIsGreen holds that nothing is to be put right in the demo, and
// that looking changes nothing at Graph.
func TestCheckOfTheDemoIsGreen(t *testing.T) {
	s := used(t)
	before := s.writes()
	report := check(t.Context(), s.settingsOf(), nil, time.Now)
	for _, f := range report.Findings {
		if f.State != green || f.Remedy != "" {
			t.Errorf("%+v", f)
		}
	}
	if !report.OK || len(report.Findings) < 14 {
		t.Errorf("ok is %v of %d lines", report.OK, len(report.Findings))
	}
	for _, w := range s.writes()[len(before):] {
		if !strings.Contains(w.Path, nobody) {
			t.Errorf("it has changed something: %s %s", w.Method, w.Path)
		}
	}
	for _, want := range []string{s.url + "/auth/callback", "front-channel-logout", "User.ReadWrite ", "Directory.Read.All"} {
		if !strings.Contains(report.text(), want) {
			t.Errorf("%q isn't printed to compare", want)
		}
	}
}

// TestCheckSaysWhatIsWrong breaks each setting in turn.
func TestCheckSaysWhatIsWrong(t *testing.T) {
	set := func(name, value string) func(*testSite, map[string]string) {
		return func(_ *testSite, vars map[string]string) { vars[name] = value }
	}
	granted := func(names ...string) func(*testSite, map[string]string) {
		return func(s *testSite, _ map[string]string) { s.tenant.SetAppPermissions(names...) }
	}
	for _, tt := range []struct {
		sentence string
		spoil    func(*testSite, map[string]string)
		line     string
		state    string
		remedy   string
	}{
		{"no tenant", set("PORTRAIT_TENANT", ""), "issuer", red, "docs/settings.md"},
		{"an unknown cloud", set("PORTRAIT_CLOUD", "mars"), "issuer", red, "docs/settings.md"},
		{"an issuer that isn't there", set("PORTRAIT_OIDC_ISSUER", "http://127.0.0.1:1/x/v2.0"), "issuer", red, "PORTRAIT_TENANT"},
		{"and no host of it", set("PORTRAIT_OIDC_ISSUER", "http://127.0.0.1:1/x/v2.0"), "hosts", red, "firewall"},
		{"another tenant's issuer", func(s *testSite, vars map[string]string) {
			vars["PORTRAIT_OIDC_ISSUER"] = strings.Replace(s.tenant.Issuer(), string(s.tenant.ID()), nobody, 1)
		}, "issuer", red, "PORTRAIT_CLOUD"},
		{"a Graph that isn't there", set("PORTRAIT_GRAPH_URL", "http://127.0.0.1:1"), "hosts", red, "PORTRAIT_GRAPH_URL"},
		{"another client", set("PORTRAIT_CLIENT_ID", "somebody"), "credential", red, "PORTRAIT_CLIENT_ID"},
		{"a wrong secret", set("PORTRAIT_CLIENT_SECRET", "guess"), "credential", red, "AADSTS7000215"},
		{"no secret", set("PORTRAIT_CLIENT_SECRET", ""), "credential", red, "docs/settings.md"},
		{"a certificate that isn't there", set("PORTRAIT_CLIENT_CERTIFICATE", "/none.pem"), "credential", red, "docs/settings.md"},
		{"a secret that runs out soon", func(s *testSite, _ map[string]string) { s.tenant.SetSecretEnds(time.Now().Add(20 * 24 * time.Hour)) }, "credential's end", amber, "make a new one"},
		{"a secret that runs out in days", func(s *testSite, _ map[string]string) { s.tenant.SetSecretEnds(time.Now().Add(50 * time.Hour)) }, "credential's end", red, "make a new one"},
		{"nobody may tell when", granted("User.Read.All"), "credential's end", amber, "Certificates & secrets"},
		{"another address", set("PORTRAIT_URL", "https://other.example"), "redirect", red, "Redirect URIs"},
		{"a malformed address", set("PORTRAIT_URL", "other"), "redirect", red, "docs/settings.md"},
		{"no right to read people", granted("ProfilePhoto.ReadWrite.All", "Contacts.ReadWrite"), "User.Read.All", red, "Grant admin consent"},
		{"no right to change photos", granted("User.Read.All", "ProfilePhoto.Read.All"), "ProfilePhoto.ReadWrite.All", red, "Grant admin consent"},
		{"no right to change contacts", granted("User.Read.All", "Contacts.Read"), "Contacts.ReadWrite", red, "Grant admin consent"},
		{"no right to see roles", granted("User.Read.All"), "Directory.Read.All", red, "Grant admin consent"},
		{"no right to read the rule", granted("User.Read.All"), "photoUpdateSettings", amber, "grant it"},
		{"photos from the premises", func(s *testSite, _ map[string]string) { s.tenant.SetPolicy("onPremises") }, "photoUpdateSettings", red, "cloud"},
		{"photos by roles", func(s *testSite, _ map[string]string) {
			s.tenant.SetPolicy("cloud", "62e90394-69f5-4237-9190-012177145e10")
		}, "photoUpdateSettings", amber, "allowedRoles"},
		{"a database that isn't there", set("PORTRAIT_DATABASE", "postgres://portrait:hunter2@127.0.0.1:1/portrait"), "database", red, "PORTRAIT_DATABASE"},
		{"a folder that isn't there", set("PORTRAIT_DATABASE", "/none/portrait.db"), "database", red, "folder"},
		{"no keys", set("PORTRAIT_KEYS", ""), "keys", red, "docs/settings.md"},
		{"other keys", set("PORTRAIT_KEYS", newKey()), "keys", red, "missing key"},
		{"other keys of the audit log", set("PORTRAIT_AUDIT_KEYS", newKey()), "keys", red, "never leaves"},
		{"a setting that means nothing", set("PORTRAIT_LOG", "loud"), "settings", red, "docs/settings.md"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			if tt.line == "keys" {
				s.signedIn("employee").put(sample(t, "tiny.jpg")) // something is sealed then, and stands in the log
			}
			vars := s.settingsOf()
			tt.spoil(s, vars)
			report := check(t.Context(), vars, nil, time.Now)
			i := slices.IndexFunc(report.Findings, func(f finding) bool { return f.Name == tt.line })
			if i < 0 {
				t.Fatalf("there is no line %q in %+v", tt.line, report.Findings)
			}
			f := report.Findings[i]
			if f.State != tt.state || !strings.Contains(f.Remedy, tt.remedy) || report.OK != (tt.state != red && !anyRed(report)) {
				t.Errorf("%+v, ok %v; want %s and %q", f, report.OK, tt.state, tt.remedy)
			}
			if strings.Contains(report.text(), "hunter2") || strings.Contains(report.text(), s.tenant.ClientSecret()) {
				t.Error("the report holds a secret")
			}
		})
	}
}

func anyRed(r checkReport) bool {
	return slices.ContainsFunc(r.Findings, func(f finding) bool { return f.State == red })
}

func TestCheckComparesClocks(t *testing.T) {
	for _, tt := range []struct {
		ahead time.Duration
		state string
	}{{0, green}, {20 * time.Second, green}, {time.Minute, amber}, {-time.Minute, amber}, {10 * time.Minute, red}, {-10 * time.Minute, red}} {
		k := &checkup{}
		now := time.Unix(1_795_435_200, 0)
		k.answers = []dated{{"login.example", now.Add(tt.ahead), now, now.Add(time.Second)}}
		k.clock(t.Context())
		if f := k.report.Findings[0]; f.State != tt.state || tt.state != green && !strings.Contains(f.Remedy, "NTP") {
			t.Errorf("%v ahead: %+v, want %s", tt.ahead, f, tt.state)
		}
	}
}

func TestCheckBeforeAnybodySignsIn(t *testing.T) {
	s := newSite(t)
	report := check(t.Context(), s.settingsOf(), []string{"Contacts.ReadWrite"}, time.Now)
	i := slices.IndexFunc(report.Findings, func(f finding) bool { return f.Name == "delegated permissions" })
	if f := report.Findings[i]; f.State != amber || !strings.Contains(f.Found, "before somebody signs in") || !report.OK {
		t.Errorf("%+v, ok %v", f, report.OK)
	}
	i = slices.IndexFunc(report.Findings, func(f finding) bool { return f.Name == "Contacts.ReadWrite" })
	if f := report.Findings[i]; f.State != skipped {
		t.Errorf("what isn't to be looked at: %+v", f)
	}
}

// TestCheckCommand runs it as an operator does, on the file that the demo leaves.
func TestCheckCommand(t *testing.T) {
	tenant, err := demo.Start(demo.Options{Addr: "127.0.0.1:0", RedirectURL: "http://127.0.0.1:8080/auth/callback"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tenant.Close() })
	folder := t.TempDir()
	path, err := keepSettings(folder, demoSettings(tenant, "127.0.0.1:8080", folder))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the settings are %v, %v; want them for their owner alone", info, err)
	}
	for _, tt := range []struct {
		name string
		args []string
		code int
		said string
	}{
		{"the demo's settings", []string{"--settings", path}, 0, "green"},
		{"as JSON", []string{"--settings", path, "--json"}, 0, `"ok":true`},
		{"a file that isn't there", []string{"--settings", filepath.Join(folder, "none")}, 2, "no such file"},
		{"an argument too many", []string{"now"}, 2, "usage"},
		{"no settings", nil, 1, "PORTRAIT_TENANT"},
	} {
		var out bytes.Buffer
		if code := run(t.Context(), append([]string{"check"}, tt.args...), &out, &out); code != tt.code || !strings.Contains(out.String(), tt.said) {
			t.Errorf("%s: exit code %d, %s", tt.name, code, out.String())
		}
	}
	var out bytes.Buffer
	run(t.Context(), []string{"check", "--settings", path, "--json"}, &out, &bytes.Buffer{})
	var report checkReport
	if err := json.Unmarshal(out.Bytes(), &report); err != nil || len(report.Permissions) < 10 || len(report.Redirects) != 2 {
		t.Errorf("the JSON is %v, %+v", err, report)
	}
	if _, err := os.Stat(filepath.Join(folder, "portrait.db")); err == nil {
		t.Error("it has made a database")
	}
}
