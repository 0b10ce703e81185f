package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"portrait/internal/directory"
)

// whole returns settings that are all right, with changes made to them.
func whole(changes map[string]string) map[string]string {
	vars := map[string]string{
		"PORTRAIT_TENANT":        "7A1B2C3D-0000-4000-8000-000000000001",
		"PORTRAIT_CLIENT_ID":     "client",
		"PORTRAIT_CLIENT_SECRET": "secret",
		"PORTRAIT_KEYS":          base64.StdEncoding.EncodeToString(make([]byte, 32)),
		"PORTRAIT_AUDIT_KEYS":    base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1}, 32)),
	}
	maps.Copy(vars, changes)
	return vars
}

func TestSettingsThatAreWrongAreSaidInASentence(t *testing.T) {
	for _, tt := range []struct {
		name    string
		changes map[string]string
		want    []string // each is part of a sentence; none = all is right
	}{
		{"only what is required", nil, nil},
		{"behind a proxy", map[string]string{"PORTRAIT_URL": "https://portrait.example.com/", "PORTRAIT_TRUSTED_PROXIES": "10.0.0.0/8,::1/128"}, nil},
		{"nothing at all", map[string]string{"PORTRAIT_TENANT": "", "PORTRAIT_CLIENT_ID": "", "PORTRAIT_CLIENT_SECRET": "", "PORTRAIT_KEYS": "", "PORTRAIT_AUDIT_KEYS": ""},
			[]string{"PORTRAIT_TENANT is", "PORTRAIT_CLIENT_ID is missing", "PORTRAIT_CLIENT_SECRET is missing", "PORTRAIT_KEYS is missing", "PORTRAIT_AUDIT_KEYS is missing"}},
		{"a tenant by domain", map[string]string{"PORTRAIT_TENANT": "contoso.example"}, []string{"PORTRAIT_TENANT is \"contoso.example\""}},
		{"plain http for the world", map[string]string{"PORTRAIT_URL": "http://portrait.example.com"}, []string{"must be https"}},
		{"a path in the address", map[string]string{"PORTRAIT_URL": "https://example.com/portrait"}, []string{"without a path"}},
		{"an unknown cloud", map[string]string{"PORTRAIT_CLOUD": "germany"}, []string{"PORTRAIT_CLOUD is \"germany\""}},
		{"an issuer without https", map[string]string{"PORTRAIT_OIDC_ISSUER": "http://login.example.com"}, []string{"PORTRAIT_OIDC_ISSUER is"}},
		{"a Graph without https", map[string]string{"PORTRAIT_GRAPH_URL": "ftp://graph"}, []string{"PORTRAIT_GRAPH_URL is"}},
		{"a short key", map[string]string{"PORTRAIT_KEYS": "c2hvcnQ="}, []string{"key 1 isn't 32 bytes"}},
		{"a second key that isn't base64", map[string]string{"PORTRAIT_KEYS": base64.StdEncoding.EncodeToString(make([]byte, 32)) + ",!"}, []string{"key 2 isn't 32 bytes"}},
		{"a short key of the audit log", map[string]string{"PORTRAIT_AUDIT_KEYS": "c2hvcnQ="}, []string{"PORTRAIT_AUDIT_KEYS: key 1 isn't 32 bytes"}},
		{"one key for both", map[string]string{"PORTRAIT_AUDIT_KEYS": base64.StdEncoding.EncodeToString(make([]byte, 32))}, []string{"the audit log needs keys of its own"}},
		{"an audit log that is kept for no time", map[string]string{"PORTRAIT_AUDIT_DAYS": "0"}, []string{"PORTRAIT_AUDIT_DAYS is 0"}},
		{"a federated token in place of the secret", map[string]string{"PORTRAIT_CLIENT_SECRET": "", "PORTRAIT_FEDERATED_TOKEN_FILE": "config.go"}, nil},
		{"a secret and a federated token", map[string]string{"PORTRAIT_FEDERATED_TOKEN_FILE": "config.go"}, []string{"more than one is set"}},
		{"a federated token that isn't there", map[string]string{"PORTRAIT_CLIENT_SECRET": "", "PORTRAIT_FEDERATED_TOKEN_FILE": "absent"},
			[]string{"PORTRAIT_FEDERATED_TOKEN_FILE can't be read"}},
		{"a certificate that isn't there", map[string]string{"PORTRAIT_CLIENT_SECRET": "", "PORTRAIT_CLIENT_CERTIFICATE": "absent"},
			[]string{"PORTRAIT_CLIENT_CERTIFICATE can't be read"}},
		{"a certificate that is none", map[string]string{"PORTRAIT_CLIENT_SECRET": "", "PORTRAIT_CLIENT_CERTIFICATE": "config.go"},
			[]string{"PORTRAIT_CLIENT_CERTIFICATE can't be used: it holds no private key"}},
		{"protected people by name", map[string]string{"PORTRAIT_PROTECTED": "7a1b2c3d-0000-4000-8000-000000000001,boss"}, []string{"PORTRAIT_PROTECTED has \"boss\""}},
		{"administrators protected perhaps", map[string]string{"PORTRAIT_PROTECT_ADMINS": "maybe"}, []string{"PORTRAIT_PROTECT_ADMINS is \"maybe\""}},
		{"a permission that isn't for groups", map[string]string{"PORTRAIT_GROUP_SCOPE": "Group.Read.All"}, []string{"PORTRAIT_GROUP_SCOPE is \"Group.Read.All\""}},
		{"as many slots as there can be", map[string]string{"PORTRAIT_GRAPH_SLOTS": "256"}, nil},
		{"no slots", map[string]string{"PORTRAIT_GRAPH_SLOTS": "0"}, []string{"PORTRAIT_GRAPH_SLOTS is \"0\""}},
		{"too many slots", map[string]string{"PORTRAIT_GRAPH_SLOTS": "257"}, []string{"PORTRAIT_GRAPH_SLOTS is \"257\""}},
		{"slots in words", map[string]string{"PORTRAIT_GRAPH_SLOTS": "some"}, []string{"PORTRAIT_GRAPH_SLOTS is \"some\""}},
		{"no saves at all", map[string]string{"PORTRAIT_SAVES_PER_HOUR": "0"}, []string{"PORTRAIT_SAVES_PER_HOUR is \"0\": it is a whole number from 1"}},
		{"sign-ins in words", map[string]string{"PORTRAIT_SIGNINS_PER_MINUTE": "many"}, []string{"PORTRAIT_SIGNINS_PER_MINUTE is \"many\""}},
		{"more sign-ins than can be counted", map[string]string{"PORTRAIT_SIGNINS_PER_MINUTE": "99999999999999999999"}, []string{"PORTRAIT_SIGNINS_PER_MINUTE is"}},
		{"proxies by name", map[string]string{"PORTRAIT_TRUSTED_PROXIES": "proxy.local"}, []string{"PORTRAIT_TRUSTED_PROXIES has"}},
		{"a notice in a language that isn't there", map[string]string{"PORTRAIT_NOTICE": "Moved | xx: moved"}, []string{"PORTRAIT_NOTICE has \"xx\" behind |"}},
		{"a wrong log level", map[string]string{"PORTRAIT_LOG": "loud"}, []string{"PORTRAIT_LOG is \"loud\""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseConfig(whole(tt.changes))
			said := ""
			if err != nil {
				said = err.Error()
			}
			if lines := strings.Count(said, "\n") + 1; err != nil && lines != len(tt.want) {
				t.Errorf("%d sentences, want %d:\n%s", lines, len(tt.want), said)
			}
			if err == nil && len(tt.want) > 0 {
				t.Errorf("nothing is said, want %q", tt.want)
			}
			for _, want := range tt.want {
				if !strings.Contains(said, want) {
					t.Errorf("said %q, want %q in it", said, want)
				}
			}
		})
	}
}

func TestSettingsMean(t *testing.T) {
	c, err := parseConfig(whole(map[string]string{"PORTRAIT_CLOUD": "china", "PORTRAIT_NOTICE": "Moved, on Friday | zh-Hans: 周五：迁移,https://new.example"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, got, want string }{
		{"tenant in lower case", string(c.Tenant), "7a1b2c3d-0000-4000-8000-000000000001"},
		{"issuer of the cloud", c.Issuer, "https://login.partner.microsoftonline.cn/7a1b2c3d-0000-4000-8000-000000000001/v2.0"},
		{"Graph of the cloud", c.GraphURL, "https://microsoftgraph.chinacloudapi.cn"},
		{"scopes carry the cloud's Graph", c.ScopePrefix, "https://microsoftgraph.chinacloudapi.cn/"},
		{"address from what it listens on", c.BaseURL.String(), "http://127.0.0.1:8080"},
		{"notice with a comma", c.Notice[""], "Moved, on Friday"},
		{"notice in Chinese", c.Notice["zh-Hans"], "周五：迁移"},
		{"notice's link", c.NoticeLink, "https://new.example"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, tt.got, tt.want)
		}
	}
	global, err := parseConfig(whole(nil))
	if err == nil && global.AuditAge != 365*24*time.Hour {
		t.Errorf("by default entries of the audit log are kept for %v", global.AuditAge)
	}
	if err != nil || global.ScopePrefix != "" || !global.ProtectAdmins || global.GroupScope != "Group.ReadWrite.All" {
		t.Errorf("by default %+v, %v", global, err)
	}
	strict, err := parseConfig(whole(map[string]string{"PORTRAIT_PROTECTED": " 7A1B2C3D-0000-4000-8000-000000000001, 7a1b2c3d-0000-4000-8000-000000000002",
		"PORTRAIT_PROTECT_ADMINS": "off", "PORTRAIT_GROUP_SCOPE": "profilephoto.readwrite.all"}))
	if err != nil || strict.ProtectAdmins || strict.GroupScope != "ProfilePhoto.ReadWrite.All" ||
		!slices.Equal(strict.Protected, []directory.ID{"7a1b2c3d-0000-4000-8000-000000000001", "7a1b2c3d-0000-4000-8000-000000000002"}) {
		t.Errorf("as set %+v, %v", strict, err)
	}
}

func TestSecretsCanBeFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PORTRAIT_CLIENT_SECRET_FILE", path)
	vars, err := environment()
	if err != nil || vars["PORTRAIT_CLIENT_SECRET"] != "from a file" {
		t.Errorf("secret %q, %v", vars["PORTRAIT_CLIENT_SECRET"], err)
	}
	t.Setenv("PORTRAIT_CLIENT_SECRET", "both")
	if _, err := environment(); err == nil || !strings.Contains(err.Error(), "both set") {
		t.Errorf("a secret and its file together: %v", err)
	}
	t.Setenv("PORTRAIT_CLIENT_SECRET", "")
	t.Setenv("PORTRAIT_CLIENT_SECRET_FILE", path+".absent")
	if _, err := environment(); err == nil || !strings.Contains(err.Error(), "can't be read") {
		t.Errorf("an absent file: %v", err)
	}
}

// TestThePageNamesEverySetting compares the table in docs/settings.md with the
// settings, their defaults included.
func TestThePageNamesEverySetting(t *testing.T) {
	page, err := os.ReadFile("../../docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("config.go")
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(string(page), "\n")
	for _, m := range regexp.MustCompile(`env:"(PORTRAIT_\w+)"(?: envDefault:"([^"]+)")?`).FindAllSubmatch(source, -1) {
		i := slices.IndexFunc(rows, func(row string) bool {
			return strings.HasPrefix(row, "| `") && strings.Contains(row, "`"+string(m[1])+"`")
		})
		if i < 0 {
			t.Errorf("docs/settings.md has no row for %s", m[1])
			continue
		}
		cells := strings.Split(rows[i], "|")
		if last := cells[len(cells)-2]; !strings.Contains(last, string(m[2])) {
			t.Errorf("docs/settings.md says that %s is%swithout a setting; it is %s", m[1], last, m[2])
		}
	}
}

func TestExitCodes(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		addr string
		want int
		said string
	}{
		{"version", []string{"version"}, "", 0, "portrait "},
		{"an unknown command", []string{"fly"}, "", 2, "unknown command"},
		{"serve without settings", nil, "", 2, "PORTRAIT_TENANT"},
		{"a demo for the world", []string{"demo"}, "0.0.0.0:8080", 2, "only listens on this machine"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("PORTRAIT_ADDR", tt.addr)
			var out bytes.Buffer
			if got := run(context.Background(), tt.args, &out, &out); got != tt.want || !strings.Contains(out.String(), tt.said) {
				t.Errorf("exit code %d with %q, want %d with %q", got, out.String(), tt.want, tt.said)
			}
		})
	}
}
