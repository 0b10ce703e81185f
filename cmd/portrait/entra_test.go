package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// registration is the page that says how to register Portrait.
const registration = "../../docs/entra.md"

// rowOfPermission is a row of its table: name, kind and id.
var rowOfPermission = regexp.MustCompile("(?m)^\\| `([\\w.]+)` \\| (delegated|application) \\| `([0-9a-f-]{36})` \\|")

// TestThePageNamesEveryPermission compares the table of permissions with those
// that `portrait check` prints, in both ways: more is never asked for.
func TestThePageNamesEveryPermission(t *testing.T) {
	var want, got []string
	for scope, protect := range map[string]bool{"Group.ReadWrite.All": true, "ProfilePhoto.ReadWrite.All": false} {
		for _, p := range permissions(config{GroupScope: scope, ProtectAdmins: protect}) {
			want = append(want, p.Kind+" "+p.Name)
		}
	}
	seen := map[string]bool{}
	for _, m := range rowOfPermission.FindAllStringSubmatch(page(t), -1) {
		got = append(got, m[2]+" "+m[1])
		if seen[m[3]] {
			t.Errorf("two permissions have the id %s", m[3])
		}
		seen[m[3]] = true
	}
	slices.Sort(want)
	slices.Sort(got)
	if want = slices.Compact(want); !slices.Equal(want, got) {
		t.Errorf("the page has %v, portrait check %v", got, want)
	}
}

func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(registration)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// azure is an Azure CLI that knows the ids of the table alone, says what it was
// asked for, and makes nothing.
const azure = `#!/bin/bash
echo "$*" >>"$ASKED"
case "$*" in
"ad sp show"*)
	[[ $* =~ (oauth2PermissionScopes|appRoles)\[\?id==\'([0-9a-f-]+)\'\] ]]
	grep "^${BASH_REMATCH[1]} ${BASH_REMATCH[2]} " "$KNOWN" | cut -d' ' -f3 ;;
"ad app create"*) echo made-up-app ;;
"account show"*) echo made-up-tenant ;;
esac
`

// registering runs the page's script with that Azure CLI, and known in the place
// of what the tenant has. It returns what the CLI was asked for, a line each.
func registering(t *testing.T, known string) (asked []string, out string, err error) {
	t.Helper()
	_, script, _ := strings.Cut(page(t), "```sh\n#!/bin/bash")
	script, _, found := strings.Cut(script, "```")
	if !found {
		t.Fatal("the page has no script")
	}
	dir := t.TempDir()
	for name, content := range map[string]string{"az": azure, "known": known, "asked": "", "register": "#!/bin/bash" + script} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("bash", "register")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "ASKED="+filepath.Join(dir, "asked"), "KNOWN="+filepath.Join(dir, "known"))
	said, err := cmd.CombinedOutput()
	log, readErr := os.ReadFile(filepath.Join(dir, "asked"))
	if readErr != nil {
		t.Fatal(readErr)
	}
	return strings.Split(string(log), "\n"), string(said), err
}

// TestTheScriptRegistersWhatThePageSays runs the script of the page: it asks for
// exactly what the table has, and stops before it makes anything where an id is
// another permission's.
func TestTheScriptRegistersWhatThePageSays(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no openssl; `make test` installs it")
		}
		t.Skip("there is no openssl; `make test` installs it")
	}
	lists, types := map[string]string{"delegated": "oauth2PermissionScopes", "application": "appRoles"}, map[string]string{"delegated": "Scope", "application": "Role"}
	var known bytes.Buffer
	var want []string
	for _, m := range rowOfPermission.FindAllStringSubmatch(page(t), -1) {
		known.WriteString(lists[m[2]] + " " + m[3] + " " + m[1] + "\n") // a Buffer never fails
		switch m[2] + " " + m[1] {
		case "delegated ProfilePhoto.ReadWrite.All", "application GroupMember.Read.All", "application Application.Read.All":
			continue // in the place of another, and for a client secret alone
		}
		want = append(want, m[3]+"="+types[m[2]])
	}
	asked, out, err := registering(t, known.String())
	i := slices.IndexFunc(asked, func(line string) bool { return strings.HasPrefix(line, "ad app permission add") })
	if err != nil || i < 0 {
		t.Fatalf("the script ends with %v: %s\n%s", err, out, strings.Join(asked, "\n"))
	}
	got := strings.Fields(asked[i][strings.Index(asked[i], "--api-permissions")+len("--api-permissions"):])
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the script asks for %v, the page has %v", got, want)
	}
	for _, line := range []string{"PORTRAIT_URL=https://portrait.example.com", "PORTRAIT_TENANT=made-up-tenant", "PORTRAIT_CLIENT_ID=made-up-app", "PORTRAIT_CLIENT_CERTIFICATE=/"} {
		if !strings.Contains(out, line) {
			t.Errorf("the script doesn't print %s: %s", line, out)
		}
	}
	asked, out, err = registering(t, strings.Replace(known.String(), " User.Read.All", " User.Read.None", 1))
	if err == nil || !strings.Contains(out, "is User.Read.None here, not User.Read.All") || slices.ContainsFunc(asked, func(line string) bool { return strings.HasPrefix(line, "ad app create") }) {
		t.Errorf("with another permission's id the script ends with %v, says %s, and has asked for %v", err, out, asked)
	}
}
