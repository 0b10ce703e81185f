package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// repository writes a small one with source as its only program.
func repository(t *testing.T, source string) (root string) {
	t.Helper()
	root = t.TempDir()
	for _, folder := range folders {
		if err := os.Mkdir(filepath.Join(root, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range map[string]string{"go.mod": "module sample\n\ngo 1.26\n", "cmd/main.go": source} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestSecurityFindingsFail(t *testing.T) {
	const weak = "package main\n\nimport \"crypto/md5\"\n\nfunc main() { _ = md5.Sum(nil) } "
	for _, tt := range []struct {
		name, source string
		said         string // "" = all is well
	}{
		{"nothing to find", "package main\n\nfunc main() {}\n", ""},
		{"a weak hash", weak + "\n", "findings"},
		{"a weak hash that is passed over without a reason", strings.ReplaceAll(weak, "md5\"\n", "md5\" // #nosec\n") + "// #nosec\n", "without a rule or a reason"},
		{"a weak hash with a reason, but no rule", strings.ReplaceAll(weak, "md5\"\n", "md5\" // #nosec -- it is only a sample\n") + "// #nosec -- it is only a sample\n", "without a rule or a reason"},
		{"a weak hash with rule and reason", strings.ReplaceAll(weak, "md5\"\n", "md5\" // #nosec G501 -- it is only a sample\n") + "// #nosec G401 -- it is only a sample\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			err := run(repository(t, tt.source), &out)
			if tt.said == "" && err != nil || tt.said != "" && (err == nil || !strings.Contains(err.Error(), tt.said)) {
				t.Errorf("%v, want %q\n%s", err, tt.said, out.String())
			}
		})
	}
}
