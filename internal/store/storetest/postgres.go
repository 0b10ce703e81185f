package storetest

import (
	"bufio"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"portrait/internal/store"
)

// startWithin is how long a cluster may take to be made and to answer.
const startWithin = time.Minute

// errNoPostgres says that there is no PostgreSQL on this machine.
var errNoPostgres = errors.New("no PostgreSQL: install the package postgresql or set PORTRAIT_TEST_POSTGRES")

// shared is the one cluster of a test binary. It is a package variable because
// only TestMain outlives all tests that use it.
var shared cluster

// cluster is a PostgreSQL server.
type cluster struct {
	start    sync.Once
	url      string // of its database postgres
	template string // name of a database with empty tables, "" if there is none yet
	err      error
	stop     func()
}

// Run runs the tests of m and stops the cluster that they started, if any:
//
//	func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }
func Run(m *testing.M) int {
	code := m.Run()
	if shared.template != "" {
		if err := execute("DROP DATABASE " + shared.template); err != nil {
			fmt.Fprintln(os.Stderr, "drop the tests' template:", err)
		}
	}
	if shared.stop != nil {
		shared.stop()
	}
	return code
}

// PostgreSQL returns a fresh database on the cluster. Where there is no
// PostgreSQL it skips the test, but fails it where CI says that nothing may be
// left out.
func PostgreSQL(t *testing.T) *Database {
	t.Helper()
	return postgreSQL(t, "")
}

// postgreSQL is PostgreSQL with a copy of template, "" for one with empty tables.
// Nobody may be connected to it: then several tests may copy it at once.
func postgreSQL(t *testing.T, template string) *Database {
	t.Helper()
	ring := Ring(t, Key())
	shared.start.Do(func() { shared.err = shared.open(ring) })
	if errors.Is(shared.err, errNoPostgres) && os.Getenv("CI") == "" {
		t.Skip(shared.err)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	if template == "" {
		template = shared.template
	}
	name := databaseName()
	if err := execute("CREATE DATABASE " + name + " TEMPLATE " + template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := execute("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	databaseURL, err := shared.database(name)
	if err != nil {
		t.Fatal(err)
	}
	return &Database{URL: databaseURL, driver: "pgx", ring: ring}
}

// open starts the cluster unless the environment names one, and makes the
// database that most tests get a copy of.
func (c *cluster) open(ring *store.Ring) error {
	if c.url = os.Getenv("PORTRAIT_TEST_POSTGRES"); c.url == "" {
		own, err := startCluster()
		if err != nil {
			return err
		}
		c.url, c.stop = own.url, own.end
	}
	name := databaseName()
	if err := execute("CREATE DATABASE " + name + " TEMPLATE template0"); err != nil {
		return err
	}
	c.template = name
	databaseURL, err := c.database(name)
	if err != nil {
		return err
	}
	return migrate(databaseURL, ring)
}

// database returns the URL of the named database.
func (c *cluster) database(name string) (string, error) {
	u, err := url.Parse(c.url)
	if err != nil {
		return "", errors.New("PORTRAIT_TEST_POSTGRES must be a postgres:// URL")
	}
	u.Path = "/" + name
	return u.String(), nil
}

func databaseName() string { return "portrait_test_" + strings.ToLower(rand.Text()) }

// execute runs one statement in the cluster's database postgres.
func execute(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	admin, err := sql.Open("pgx", shared.url)
	if err != nil {
		return err
	}
	_, err = admin.ExecContext(ctx, statement)
	return errors.Join(err, admin.Close())
}

// script makes a cluster in a folder of its own, prints the folder, and runs it
// until its standard input ends. That happens too when the test binary is
// killed, so no server and no folder is ever left behind. The server listens on
// a socket in that folder alone: no port to find, nobody else can connect.
//
// A line of its input is a word: stop and crash end the server and print it once
// that is done, start starts it. What is committed outlives a crash of the server,
// not of the machine.
const script = `
trap : HUP INT TERM # so that an interrupted test run is tidied up after, too
dir=$(mktemp -d /tmp/portrait-pg.XXXXXX) || exit 1
cd "$dir" || exit 1
echo "$dir"
"$1/initdb" -D "$dir/data" -U portrait -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1
start() {
	"$1/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c synchronous_commit=on \
		-c full_page_writes=off -c shared_buffers=16MB -c max_connections=200 >>"$dir/log" 2>&1 &
	pid=$!
}
start "$1"
while read -r word; do
	case $word in
	stop) kill -INT $pid && wait $pid; echo "$word" ;;
	crash) kill -QUIT $pid && wait $pid; echo "$word" ;;
	start) start "$1" ;;
	esac
done
kill -QUIT $pid 2>/dev/null
wait $pid
cd /
rm -rf "$dir"
`

// startCluster starts a throwaway cluster.
func startCluster() (*server, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(found) == 0 {
		return nil, errNoPostgres
	}
	command := []string{"sh", "-c", script, "sh", slices.Max(found)}
	if os.Geteuid() == 0 { // PostgreSQL refuses to run as root
		command = append([]string{"runuser", "-u", "postgres", "--"}, command...)
	}
	cmd := exec.Command(command[0], command[1:]...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	s := &server{in: in, out: bufio.NewReader(out)}
	s.end = func() {
		_ = in.Close()  // ends the script
		_ = cmd.Wait()  // its exit code says only that the server was stopped
		_ = out.Close() // there is nothing in it
	}
	dir, err := s.out.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		s.end()
		return nil, err
	}
	dir = strings.TrimSpace(dir)
	s.url = "postgres:///postgres?" + url.Values{"host": {dir}, "user": {"portrait"}}.Encode()
	if err := answers(s.url); err != nil {
		report, _ := os.ReadFile(filepath.Join(dir, "log")) // best effort, for the message only
		s.end()
		return nil, fmt.Errorf("start PostgreSQL: %w\n%s", err, report)
	}
	return s, nil
}

// answers waits until the server does.
func answers(databaseURL string) error {
	db, err := sql.Open("pgx", databaseURL)
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	for {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}
