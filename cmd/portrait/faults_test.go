package main

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"portrait/internal/demo"
	"portrait/internal/picture"
)

// update writes docs/faults.md anew instead of comparing it:
//
//	go test ./cmd/portrait -run Documented -update
var update = flag.Bool("update", false, "write docs/faults.md")

// faultsFile is what people read of the table.
const faultsFile = "../../docs/faults.md"

// promised is something that goes wrong, what Portrait promises then, and the test
// that provokes it.
type promised struct {
	fault, promise string
	proof          func(t *testing.T) // against the whole site; nil where another test is the proof
	elsewhere      string             // package and name of that test
}

// faults is everything that is promised of faults, by where they come from.
// docs/faults.md is this table.
var faults = []struct {
	from string
	rows []promised
}{
	{"Microsoft Graph", graphFaults},
	{"Tokens and sign-in", tokenFaults},
	{"The database", databaseFaults},
	{"The process, and people in a hurry", processFaults},
}

// faultsAtOnce is how many faults are provoked at a time. They wait more than they
// work, so it is more than there are processors, which t.Parallel goes by.
const faultsAtOnce = 6

// TestFaults provokes every fault of the table.
func TestFaults(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	places := make(chan struct{}, faultsAtOnce)
	for _, group := range faults {
		for _, row := range group.rows {
			if row.proof == nil {
				continue
			}
			places <- struct{}{}
			all.Go(func() {
				defer func() { <-places }()
				t.Run(row.fault, row.proof)
			})
		}
	}
	all.Wait()
}

// TestFaultsAreDocumented holds that docs/faults.md is the table, and that every
// row has a proof that exists.
func TestFaultsAreDocumented(t *testing.T) {
	want := faultsPage(t)
	if *update {
		if err := os.WriteFile(faultsFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(faultsFile); err != nil || !bytes.Equal(got, want) {
		t.Errorf("docs/faults.md isn't what the table says (%v): run go test ./cmd/portrait -run Documented -update", err)
	}
}

func faultsPage(t *testing.T) []byte {
	var b bytes.Buffer
	b.WriteString("# What goes wrong, and what Portrait does then\n\n" +
		"This page is the table that `cmd/portrait/faults_test.go` proves: `TestFaults` provokes each fault against the real site and a demo\n" +
		"tenant, where no other test is named. Most of the first two can be switched on by hand, on the demo's weather page.\n\n" +
		"For all of them: the picture is kept, sealed, before anything is sent, so that whatever happens it is one click from saved for 24 hours.\n")
	for _, group := range faults {
		fmt.Fprintf(&b, "\n## %s\n| what goes wrong | what Portrait does | proof |\n|---|---|---|\n", group.from)
		for _, row := range group.rows {
			proof := "`TestFaults`"
			if row.proof == nil {
				exists(t, row.elsewhere)
				proof = "`" + row.elsewhere + "`"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", row.fault, row.promise, proof)
		}
	}
	return b.Bytes()
}

// exists fails unless there is the test "package Name".
func exists(t *testing.T, test string) {
	t.Helper()
	folder, name, _ := strings.Cut(test, " ")
	files, err := os.ReadDir("../../" + folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile("../../" + folder + "/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(source, []byte("func "+name+"(")) {
			return
		}
	}
	t.Errorf("there is no test %s", test)
}

// saves saves a picture under key and fails unless the answer has this status and
// state; "" for an answer without one.
func (b *browser) saves(key string, picture []byte, status int, state string) map[string]any {
	b.t.Helper()
	a := b.put(picture, "Idempotency-Key", key)
	body := a.json()
	if got, _ := body["state"].(string); a.status != status || got != state {
		b.t.Errorf("a save is answered %d %s, want %d %s", a.status, a.body, status, state)
	}
	return body
}

// sends presses Save it now, and fails unless the answer has this status.
func (b *browser) sends(status int) {
	b.t.Helper()
	if got, body, err := b.asks(http.MethodPost, "/me/photo/send", nil); err != nil || got != status {
		b.t.Errorf("Save it now is answered %d %s, %v; want %d", got, body, err, status)
	}
}

// keeps fails unless the picture that is kept is the one that was to be saved.
func (b *browser) keeps(saved []byte) {
	b.t.Helper()
	if a := b.get("/me/photo/draft/$value"); a.status != http.StatusOK || !bytes.Equal(a.body, rendered(b.t, saved)) {
		b.t.Errorf("what is kept is answered %d, with %d bytes that aren't the picture's", a.status, len(a.body))
	}
}

// has fails unless the persona has the photo that was saved.
func (s *testSite) has(persona string, saved []byte) {
	s.t.Helper()
	if !bytes.Equal(s.tenant.Photo(s.person(persona)), rendered(s.t, saved)) {
		s.t.Errorf("the tenant doesn't have the photo of %s", persona)
	}
}

// wasPut fails unless Graph was asked so often to set a photo.
func (s *testSite) wasPut(times int) {
	s.t.Helper()
	var puts []demo.Request
	for _, r := range s.writes() {
		if r.Method == http.MethodPut {
			puts = append(puts, r)
		}
	}
	if len(puts) != times {
		s.t.Errorf("Graph was asked %d times to set a photo, want %d", len(puts), times)
	}
}

// rendered returns what becomes of a picture before it is sent.
func rendered(t *testing.T, body []byte) []byte {
	t.Helper()
	r, err := budget.Render(t.Context(), body, picture.Frame{})
	if err != nil {
		t.Fatal(err)
	}
	return r.JPEG
}
