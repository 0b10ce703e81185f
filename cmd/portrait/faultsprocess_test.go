package main

import (
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"portrait/internal/demo"
)

var processFaults = []promised{
	{fault: "The same save 20 times at once (double click, reload, a nervous script)", proof: twentyTimes, promise: "One is sent, all hear that it is saved, and the audit log has one entry."},
	{fault: "Two windows, and the older one saves later", proof: twoWindows, promise: "It is told that the photo was changed meanwhile, and can save all the same."},
	{fault: "Two windows, and the older one still waits for Graph", elsewhere: "internal/photo TestAnOlderChangeDoesNotComeAfterANewerOne", promise: "The newer one stays, and the older one is told."},
	{fault: "A form is sent, and then the back button", proof: backButton, promise: "The answer to a form leads to a page; going back and sending the same form again changes nothing."},
	{fault: "A process is killed while it sends, another takes over", elsewhere: "internal/photo TestASenderThatWasKilled", promise: "After 10 seconds it may; it looks first whether the photo has arrived."},
	{fault: "A process sends for longer than that", elsewhere: "internal/photo TestASlowSenderIsNotTakenForDead", promise: "It isn't taken for dead, and nobody else sends it."},
	{fault: "A process that holds a place among the calls to Graph is killed", elsewhere: "internal/photo TestTheSlotsOfTheKilledComeBack", promise: "Its place is free again within seconds."},
	{fault: "SIGTERM in the middle of a save", proof: terminated, promise: "The save is answered, then the program ends, within 30 seconds."},
	{fault: "Nobody reads the log any more (a closed pipe)", proof: logClosed, promise: "The program goes on."},
}

func twentyTimes(t *testing.T) {
	s := newSite(t)
	b, photo := s.signedIn("employee"), randomPicture(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if status, body, err := b.saving(photo, "key"); err != nil || status != http.StatusOK {
				t.Errorf("answered %d %s, %v", status, body, err)
			}
		})
	}
	all.Wait()
	s.wasPut(1)
	s.has("employee", photo)
	s.logs("set done")
}

func twoWindows(t *testing.T) {
	s := newSite(t)
	older := s.signedIn("employee")
	version := ""
	for _, section := range older.get("/me/photo").all("section") {
		version += attr(section, "data-version")
	}
	newer, older1 := randomPicture(t), randomPicture(t)
	older.saves("newer", newer, 200, "confirmed")
	if a := older.put(older1, "Idempotency-Key", "older", "X-Photo-Version", version); a.status != http.StatusConflict || !strings.Contains(a.detail(), "another window") {
		t.Errorf("the older window is answered %d %s", a.status, a.body)
	}
	s.wasPut(1)
	s.has("employee", newer)
	older.saves("older again", older1, 200, "confirmed")
	s.has("employee", older1)
}

func backButton(t *testing.T) {
	s := newSite(t)
	b := s.signedIn("employee").stay()
	body, contentType := multipartForm(t, randomPicture(t), map[string]string{"csrf_token": b.token, "page_key": "PAGE"})
	for range 2 {
		a := b.do(http.MethodPost, "/me/photo", strings.NewReader(body), "Content-Type", contentType)
		if a.status != http.StatusSeeOther || a.header.Get("Location") != "/me/photo" {
			t.Fatalf("the form is answered %d to %s", a.status, a.header.Get("Location"))
		}
	}
	s.wasPut(1)
	s.logs("set done")
}

func terminated(t *testing.T) {
	p := newProgram(t, "", nil)
	b, photo := p.signedIn("employee"), randomPicture(t)
	p.tenant.Set(demo.Weather{ReadDelay: -1, Slow: 700 * time.Millisecond})
	answered := make(chan int, 1)
	n := len(p.tenant.Requests())
	go func() {
		status, _, _ := b.saving(photo, "key") // what counts is the status
		answered <- status
	}()
	for len(p.tenant.Requests()) == n { // the test's time limit ends it
		time.Sleep(10 * time.Millisecond)
	}
	if err := p.end(); err != nil {
		t.Errorf("the program ends with %v: %s", err, p.said())
	}
	if status := <-answered; status != http.StatusOK {
		t.Errorf("the save is answered %d", status)
	}
	p.has("employee", photo)
}

func logClosed(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := newProgram(t, "", writer)
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := reader.Close(); err != nil { // nobody reads it any more
		t.Fatal(err)
	}
	b := p.signedIn("employee")
	p.tenant.Set(demo.Weather{ReadDelay: -1, Graph: []demo.Answer{{Method: "GET", Status: 500}, {Method: "PUT", Status: 500}}})
	for range 3 {
		_ = b.get("/me/photo/$value") // one of them is worth a line in the log
	}
	photo := randomPicture(t)
	b.saves("first", photo, 502, "")
	b.saves("first", photo, 200, "confirmed")
	p.has("employee", photo)
}
