package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhatIsWrongIsSeen spoils each file in turn.
func TestWhatIsWrongIsSeen(t *testing.T) {
	for _, tt := range []struct{ sentence, file, old, new, said string }{
		{"all is well", "Containerfile", "x-none", "", ""},
		{"root", "Containerfile", "USER 65532:65532", "USER root", "it runs as"},
		{"an unknown instruction", "Containerfile", "EXPOSE 8080", "EXPOZE 8080", "EXPOZE"},
		{"no sandbox", "portrait.service", "ProtectSystem=strict", "ProtectSystem=no", "ProtectSystem"},
		{"a brace too few", "nginx.conf", "events {}", "events {", "nginx.conf"},
		{"no address passed on", "nginx.conf", "X-Forwarded-For", "X-Other", "X-Forwarded-For"},
		{"an unknown field", "kustomize/deployment.yaml", "readOnlyRootFilesystem", "readOnlyRoot", "readOnlyRoot"},
		{"one replica", "kustomize/deployment.yaml", "replicas: 3", "replicas: 1", "several replicas"},
		{"a file that isn't there", "kustomize/kustomization.yaml", "network.yaml", "none.yaml", "none.yaml"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.CopyFS(folder, os.DirFS("../../deploy")); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(folder, tt.file)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(strings.Replace(string(text), tt.old, tt.new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			err = check(folder)
			if (err == nil) != (tt.said == "") || err != nil && !strings.Contains(err.Error(), tt.said) {
				t.Errorf("it says %v, want %q", err, tt.said)
			}
		})
	}
}
