package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"portrait/internal/store"
	"portrait/internal/store/storetest"
)

// TestUpgradeFromThePreviousSchema opens a database as the version before left
// it.
func TestUpgradeFromThePreviousSchema(t *testing.T) {
	storetest.EachBlank(t, func(t *testing.T, db *storetest.Database) {
		latest, previous := db.Look(t).Latest, previousMigration(t)
		if err := store.MigrateTo(t.Context(), db.URL, previous); err != nil {
			t.Fatal(err)
		}
		if c := db.Look(t); c.New || c.Schema != previous {
			t.Fatalf("the older database looks like %+v, want schema %d", c, previous)
		}
		exec(t, db, `INSERT INTO photo_versions (photo, version) VALUES ('kept', 7)`)
		s := db.Open(t)
		if c := db.Look(t); c.Schema != latest {
			t.Errorf("after opening it has schema %d, want %d", c.Schema, latest)
		}
		if got := number(t, db, `SELECT version FROM photo_versions WHERE photo = 'kept'`); got != 7 {
			t.Errorf("what was in it is %d, want 7", got)
		}
		if err := s.NoteGranted(t.Context(), []string{"user.readwrite"}, noon); err != nil {
			t.Errorf("the new table: %v", err)
		}
	})
}

// previousMigration returns the number of the last migration but one.
func previousMigration(t *testing.T) int64 {
	t.Helper()
	found, err := filepath.Glob("migrations/*.sql") // sorted
	if err != nil || len(found) < 2 {
		t.Fatalf("the migrations are %v, %v", found, err)
	}
	number, _, _ := strings.Cut(filepath.Base(found[len(found)-2]), "_")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSeveralReplicasUpgradeAtOnce(t *testing.T) {
	db := storetest.PostgreSQL(t)
	if err := store.MigrateTo(t.Context(), db.URL, 1); err != nil {
		t.Fatal(err)
	}
	ring := storetest.Ring(t, storetest.Key())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := store.Migrate(t.Context(), db.URL, ring); err != nil {
				t.Errorf("migrate: %v", err)
			}
		})
	}
	all.Wait()
	if c := db.Look(t); c.Schema != c.Latest {
		t.Errorf("it has schema %d, want %d", c.Schema, c.Latest)
	}
}

func TestLookChangesNothing(t *testing.T) {
	storetest.EachBlank(t, func(t *testing.T, db *storetest.Database) {
		if c := db.Look(t); !c.New {
			t.Errorf("an empty database looks like %+v, want a new one", c)
		}
		if _, err := os.Stat(db.URL); err == nil {
			t.Error("looking has made the file")
		}
		if c := db.Look(t); !c.New {
			t.Error("the second look differs")
		}
	})
	if _, err := store.Look(t.Context(), filepath.Join(t.TempDir(), "no", "portrait.db")); err == nil {
		t.Error("a file that couldn't be made is all right")
	}
	if _, err := store.Look(t.Context(), "postgres://user:hunter2@127.0.0.1:1/x"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a server that isn't there: %v", err)
	}
}

func TestBackupIsWholeWhileOthersWrite(t *testing.T) {
	db := storetest.SQLite(t)
	s := db.Open(t)
	create := func(b byte) error {
		return s.CreateSession(t.Context(), secretOf(b), store.Session{Created: noon, Data: []byte("hello")})
	}
	if err := create(1); err != nil {
		t.Fatal(err)
	}
	var writing sync.WaitGroup
	stop := make(chan struct{})
	writing.Go(func() {
		for b := byte(2); b < 250; b++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := create(b); err != nil {
				t.Errorf("a write meanwhile: %v", err)
				return
			}
		}
	})
	copied := filepath.Join(t.TempDir(), "copy.db")
	err := store.Backup(t.Context(), db.URL, copied)
	close(stop)
	writing.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy is %v, %v; want it for its owner alone", info, err)
	}
	if err := store.Backup(t.Context(), db.URL, copied); err == nil {
		t.Error("a backup was written over another")
	}
	db.URL = copied
	if got, err := db.Open(t).Session(t.Context(), secretOf(1), forever); err != nil || string(got.Data) != "hello" {
		t.Errorf("the copy has %q, %v", got.Data, err)
	}
}

func TestBackupRefuses(t *testing.T) {
	folder := t.TempDir()
	if err := store.Backup(t.Context(), "postgres://127.0.0.1/x", filepath.Join(folder, "a")); !errors.Is(err, store.ErrNotSQLite) {
		t.Errorf("PostgreSQL: %v", err)
	}
	if err := store.Backup(t.Context(), filepath.Join(folder, "none.db"), filepath.Join(folder, "b")); err == nil {
		t.Error("a database that isn't there was copied")
	}
	db := storetest.SQLite(t)
	db.Open(t)
	if err := store.Backup(t.Context(), db.URL, filepath.Join(folder, "no", "c")); err == nil {
		t.Error("a folder that isn't there was written to")
	}
	if left, _ := os.ReadDir(folder); len(left) > 0 {
		t.Errorf("it leaves %v", left)
	}
}

func TestKeysInUse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		old, fresh := storetest.Key(), storetest.Key()
		s := db.OpenWith(t, storetest.Ring(t, old))
		if err := s.CreateSession(t.Context(), secretOf(1), store.Session{Created: noon, Data: []byte("x")}); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			sentence string
			ring     *store.Ring
			place    int
			fits     bool
		}{
			{"the same key", storetest.Ring(t, old), 1, true},
			{"a new key before it", storetest.Ring(t, fresh, old), 2, true},
			{"a new key after it, as the first step of a rotation", storetest.Ring(t, old, fresh), 1, true},
			{"another key alone", storetest.Ring(t, fresh), 0, false},
		} {
			s := db.OpenWith(t, tt.ring)
			uses, err := s.KeysInUse(t.Context())
			if err != nil || len(uses) != 1 || uses[0].Table != "sessions" || uses[0].Rows != 1 || uses[0].Place != tt.place {
				t.Errorf("%s: %+v, %v; want one session with key %d", tt.sentence, uses, err, tt.place)
			}
			if err := s.KeysFit(t.Context()); (err == nil) != tt.fits || err != nil && !errors.Is(err, store.ErrOtherKeys) {
				t.Errorf("%s: the keys fit: %v", tt.sentence, err)
			}
		}
		if ids, err := s.AuditKeysInUse(t.Context()); err != nil || len(ids) > 0 {
			t.Errorf("an empty audit log has the keys %v, %v", ids, err)
		}
	})
}

func TestGrantedRemembersTheLastTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := db.Open(t)
		for i, scopes := range [][]string{{"user.readwrite", "contacts.readwrite"}, {"user.readwrite"}, nil} {
			if err := s.NoteGranted(t.Context(), scopes, noon.Add(time.Duration(i)*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Granted(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for scope, hours := range map[string]int{store.AnySignIn: 2, "user.readwrite": 1, "contacts.readwrite": 0} {
			if want := noon.Add(time.Duration(hours) * time.Hour); !got[scope].Equal(want) {
				t.Errorf("%q was last granted at %v, want %v", scope, got[scope], want)
			}
		}
	})
}

// exec runs a statement.
func exec(t *testing.T, db *storetest.Database, statement string) {
	t.Helper()
	if _, err := db.SQL(t).ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// number returns what a query finds.
func number(t *testing.T, db *storetest.Database, query string) (n int64) {
	t.Helper()
	if err := db.SQL(t).QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
