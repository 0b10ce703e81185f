package store_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// noon is when every test of this package begins.
var noon = time.UnixMilli(1_795_435_200_000)

// secretOf returns 32 bytes that are the same for the same b.
func secretOf(b byte) []byte { return bytes.Repeat([]byte{b}, store.SecretBytes) }

// forever lets sessions live however old they are.
var forever = store.Alive{}

func TestSeveralReplicasStartAtOnce(t *testing.T) {
	storetest.EachBlank(t, func(t *testing.T, db *storetest.Database) {
		if strings.HasSuffix(db.URL, ".db") {
			t.Skip("SQLite is for one replica")
		}
		ring := storetest.Ring(t, storetest.Key())
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				s, err := store.Open(t.Context(), db.URL, ring)
				if err != nil {
					t.Errorf("open: %v", err)
					return
				}
				if err := s.Ready(t.Context()); err != nil {
					t.Errorf("ready: %v", err)
				}
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
		}
		wait.Wait()
	})
}

func TestOpenAgainKeepsEverything(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		if err := db.Open(t).CreateSession(t.Context(), secretOf(1), store.Session{Created: noon, Data: []byte("hello")}); err != nil {
			t.Fatal(err)
		}
		got, err := db.Open(t).Session(t.Context(), secretOf(1), forever)
		if err != nil || string(got.Data) != "hello" {
			t.Errorf("after opening again: %q, %v", got.Data, err)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	ring := storetest.Ring(t, storetest.Key())
	for _, tt := range []struct{ sentence, database string }{
		{"an empty name", ""},
		{"a folder that doesn't exist", filepath.Join(t.TempDir(), "no", "portrait.db")},
		{"a folder", t.TempDir()},
		{"a URL that is none", "postgres://user:hunter2@[/x"},
		{"a server that isn't there", "postgres://user:hunter2@127.0.0.1:1/x"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s, err := store.Open(t.Context(), tt.database, ring)
			if err == nil {
				_ = s.Close() // the test has failed already
				t.Fatal("opened")
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error holds the password: %v", err)
			}
		})
	}
	if _, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), nil); err == nil {
		t.Error("opened without keys")
	}
}

func TestSecuritySQLiteFileIsPrivateWhateverItsName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a name?with#all %41 sorts&of=things.db")
	s, err := store.Open(t.Context(), path, storetest.Ring(t, storetest.Key()))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) < 2 {
		t.Fatalf("the folder holds %v, %v; want the database and its journal", files, err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(file.Name(), filepath.Base(path)) {
			t.Errorf("made %q, want %q", file.Name(), filepath.Base(path))
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o, want 600", file.Name(), mode)
		}
	}
}

func TestReadyOnlyWhileOpen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		if err := db.Open(t).Ready(t.Context()); err != nil {
			t.Errorf("open: %v", err)
		}
		s := db.Open(t)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Ready(context.Background()); err == nil {
			t.Error("a closed store answers")
		}
	})
}
