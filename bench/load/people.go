package main

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"portrait/internal/directory"
)

// signersIn is how many people sign in at the same moment.
const signersIn = 16

// person is somebody who is signed in.
type person struct {
	id       directory.ID
	site     *site
	http     *http.Client
	token    string   // of the pages
	pictures []string // that the first page shows
	cookie   string   // the header
}

var (
	requestField = regexp.MustCompile(`name="id" value="([^"]+)"`)
	// pictureSource is of pictures that Portrait asks Graph for, not of static ones.
	pictureSource = regexp.MustCompile(`<img[^>]* src="(/me/[^"]+)"`)
	tokenField    = regexp.MustCompile(`name="csrf-token" content="([^"]+)"`)
)

// together is one pool of connections for all people: a browser has its own, but
// what is measured isn't how fast they are opened.
var together = &http.Transport{MaxIdleConnsPerHost: 256, MaxIdleConns: 512, DisableCompression: true}

// signIn signs in the person with the number, from the first address to the page
// of their photo.
func (s *site) signIn(n int) (*person, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	who := &person{
		id: directory.ID(fmt.Sprintf("f1117e0a-0000-4000-8000-%012d", n)), site: s,
		http: &http.Client{Jar: jar, Transport: together, Timeout: time.Minute},
	}
	login, at, err := who.page(s.base + "/auth/sign-in?return_to=/me/photo")
	if err != nil {
		return nil, err
	}
	request := requestField.FindSubmatch(login)
	if request == nil {
		return nil, fmt.Errorf("no sign-in page: %.300s", login)
	}
	form := url.Values{"id": {string(request[1])}, "persona": {fmt.Sprintf("staff.%012d@skylark.example", n)}}
	to, err := at.Parse("login")
	if err != nil {
		return nil, err
	}
	res, err := who.http.PostForm(to.String(), form)
	if err != nil {
		return nil, err
	}
	page, _, err := read(res)
	if err != nil {
		return nil, err
	}
	token := tokenField.FindSubmatch(page)
	if token == nil || res.Request.URL.Path != "/me/photo" {
		return nil, fmt.Errorf("the sign-in ends at %s: %.300s", res.Request.URL.Path, page)
	}
	who.token = string(token[1])
	for _, src := range pictureSource.FindAllSubmatch(page, -1) {
		who.pictures = append(who.pictures, html.UnescapeString(string(src[1])))
	}
	base, err := url.Parse(s.base)
	if err != nil {
		return nil, err
	}
	for _, c := range jar.Cookies(base) {
		who.cookie += c.Name + "=" + c.Value + "; "
	}
	return who, nil
}

func (p *person) page(address string) ([]byte, *url.URL, error) {
	res, err := p.http.Get(address)
	if err != nil {
		return nil, nil, err
	}
	return read(res)
}

// read returns the body and the address of an answer that is 200.
func read(res *http.Response) ([]byte, *url.URL, error) {
	defer res.Body.Close() // it is read
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s is answered %d: %.300s", res.Request.URL.Path, res.StatusCode, body)
	}
	return body, res.Request.URL, err
}

// measureSignIns signs in as many people as shall be live at once.
func (s *site) measureSignIns(r *report) ([]*person, error) {
	people := make([]*person, s.plan.sessions)
	var next atomic.Int64
	var all sync.WaitGroup
	var mu sync.Mutex
	var failed []error
	m, before, self := &vegeta.Metrics{}, s.program.cpu(), cpuOf(os.Getpid())
	for range signersIn {
		all.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(people); n = int(next.Add(1)) - 1 {
				began := time.Now()
				one, err := s.signIn(n)
				mu.Lock()
				people[n] = one
				m.Add(resultOf(began, err))
				if err != nil {
					failed = append(failed, err)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	m.Close()
	r.add(row{
		name: fmt.Sprintf("sign-in, up to the page (%d at once)", signersIn), metrics: m, least: 50,
		cpu: (s.program.cpu() - before) / time.Duration(len(people)), beside: (cpuOf(os.Getpid()) - self) / time.Duration(len(people)),
	})
	r.rss(fmt.Sprintf("with %d live sessions", len(people)), s.program.rss())
	people = slices.DeleteFunc(people, func(p *person) bool { return p == nil }) // those who failed are in the row
	if len(people) == 0 {
		return nil, failed[0]
	}
	return people, nil
}

// resultOf is what vegeta takes of something that began at a time and has just
// ended with err.
func resultOf(began time.Time, err error) *vegeta.Result {
	res := &vegeta.Result{Timestamp: began, Latency: time.Since(began), Code: http.StatusOK}
	if err != nil {
		res.Code, res.Error = 0, err.Error()
	}
	return res
}
