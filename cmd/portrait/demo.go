package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"portrait/internal/demo"
)

// serveDemo serves a demo tenant and the site beside it, both on this machine
// only, until ctx ends. Everything it keeps is in a temporary folder.
func serveDemo(ctx context.Context, stdout, stderr io.Writer) error {
	vars, err := environment()
	if err != nil {
		return wrongUse{err}
	}
	addr, err := demoAddr(vars["PORTRAIT_ADDR"])
	if err != nil {
		return wrongUse{err}
	}
	folder, err := os.MkdirTemp("", "portrait-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) // temporary
	base := "http://" + addr
	tenant, err := demo.Start(demo.Options{Addr: "127.0.0.1:0", RedirectURL: base + "/auth/callback", PostLogoutURL: base + "/", AppURL: base + "/"})
	if err != nil {
		return err
	}
	defer tenant.Close() // the process ends
	settings := demoSettings(tenant, addr, folder)
	kept, err := keepSettings(folder, settings)
	if err != nil {
		return err
	}
	c, err := parseConfig(settings)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return serve(ctx, c, log, slog.New(slog.DiscardHandler), func() {
		// Nobody reads it where stdout is closed.
		_, _ = fmt.Fprintf(stdout, "Portrait demo: %s/\nPictures to try, and the tenant: %s\nIs all of it right? portrait check --settings %s\nCtrl+C ends it; nothing is kept.\n", base, tenant.SamplesURL(), kept)
	})
}

// demoSettings returns the settings of the site beside tenant. To the site this
// is a tenant like any other.
func demoSettings(tenant *demo.Tenant, addr, folder string) map[string]string {
	return map[string]string{
		"PORTRAIT_ADDR":          addr,
		"PORTRAIT_TENANT":        string(tenant.ID()),
		"PORTRAIT_OIDC_ISSUER":   tenant.Issuer(),
		"PORTRAIT_GRAPH_URL":     tenant.GraphURL(),
		"PORTRAIT_CLIENT_ID":     tenant.ClientID(),
		"PORTRAIT_CLIENT_SECRET": tenant.ClientSecret(),
		"PORTRAIT_DATABASE":      filepath.Join(folder, "portrait.db"),
		"PORTRAIT_KEYS":          newKey(),
		"PORTRAIT_AUDIT_KEYS":    newKey(),
		"PORTRAIT_NOTICE":        "Demo with made-up people: pictures to try | zh-Hans: 演示，人物均为虚构：试用图片," + tenant.SamplesURL(),
	}
}

// keepSettings writes settings to a file in folder, as settingsFrom reads them,
// and returns its path.
func keepSettings(folder string, settings map[string]string) (string, error) {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		_, _ = fmt.Fprintf(&text, "%s=%s\n", name, settings[name]) // a Builder never fails
	}
	path := filepath.Join(folder, "portrait.env")
	return path, os.WriteFile(path, []byte(text.String()), 0o600)
}

// newKey returns a fresh key as the settings have it.
func newKey() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return base64.StdEncoding.EncodeToString(key)
}

// demoAddr returns where the demo listens: wanted, which must be on this
// machine, or port 8080, or a free port where that is taken.
func demoAddr(wanted string) (string, error) {
	if wanted != "" {
		host, port, err := net.SplitHostPort(wanted)
		if err != nil || !isLoopback(host) {
			return "", fmt.Errorf("PORTRAIT_ADDR is %q: the demo only listens on this machine, like 127.0.0.1:8080", wanted)
		}
		if port != "0" {
			return wanted, nil
		}
	}
	if wanted == "" {
		if addr, err := freeAddr("127.0.0.1:8080"); err == nil {
			return addr, nil
		}
	}
	return freeAddr(cmp.Or(wanted, "127.0.0.1:0"))
}

// freeAddr returns addr, with a free port where its port is 0. It fails where
// the port is taken.
func freeAddr(addr string) (string, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
