package demo

import (
	"bytes"
	"embed"
	"hash/fnv"
	"html/template"
	"net/http"
	"strings"
	"time"
	"unicode"

	"portrait/internal/directory"
)

//go:embed pages
var pageFiles embed.FS

// pageData is what a page shows, beside its texts.
type pageData struct {
	Texts texts
	Name  string // of the tenant

	AppURL      string
	Action      string // where the form goes
	RequestID   string
	People      []tile
	Groups      []tile
	Samples     []sampleTile
	Permissions []permission // that the app asks for
	Weather     forecast

	formTarget string // an origin that the form's answer may lead to
}

// tile is a person or group on a page.
type tile struct {
	Key      string // of the persona, "" if one can't sign in as them
	Name     string
	Title    string
	Photo    string // address, "" for none
	Initials string
	Hue      uint32 // 0 to 5, the colour behind the initials
	Hinted   bool
}

type sampleTile struct {
	Name    string
	Preview string // address
	Size    string // "4032 × 3024"
}

func (t *Tenant) routePages(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", t.showHome)
	mux.HandleFunc("GET /samples", t.showSamples)
	mux.HandleFunc("GET /samples/{name}", t.sendSample)
	mux.HandleFunc("GET /samples/{name}/preview", t.sendPreview)
	mux.HandleFunc("GET /people/{id}/photo", t.sendPortrait)
	mux.HandleFunc("GET /groups/{id}/photo", t.sendLogo)
	mux.HandleFunc("GET /signed-out", func(w http.ResponseWriter, r *http.Request) {
		t.page(w, r, http.StatusOK, "signed-out", pageData{AppURL: t.registered().appURL})
	})
	for _, name := range []string{"demo.css", "demo.svg"} {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Content-Type-Options", "nosniff")
			http.ServeFileFS(w, r, pageFiles, "pages/"+name)
		})
	}
	mux.HandleFunc("GET /weather", t.showWeather)
	sameOrigin := http.NewCrossOriginProtection()
	mux.Handle("POST /weather", sameOrigin.Handler(http.HandlerFunc(t.switchWeather)))
	mux.Handle("POST /weather/fair", sameOrigin.Handler(http.HandlerFunc(t.fairByForm)))
	mux.Handle("POST /reset", sameOrigin.Handler(http.HandlerFunc(t.resetByForm)))
}

// page sends the page name, whole or not at all.
func (t *Tenant) page(w http.ResponseWriter, r *http.Request, status int, name string, d pageData) {
	d.Texts, d.Name = textsFor(r), tenantName
	views, err := template.ParseFS(pageFiles, "pages/layout.html", "pages/"+name+".html")
	var b bytes.Buffer
	if err == nil {
		err = views.ExecuteTemplate(&b, "layout", d)
	}
	if err != nil { // a mistake in our own files, which a test would have found
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' "+d.formTarget+"; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // whoever asked may be gone
}

func (t *Tenant) showHome(w http.ResponseWriter, r *http.Request) {
	d := pageData{AppURL: t.registered().appURL}
	for _, p := range t.people {
		d.People = append(d.People, t.tile(p, false))
	}
	for _, g := range t.Groups() {
		if g.Unified {
			d.Groups = append(d.Groups, t.groupTile(g))
		}
	}
	t.page(w, r, http.StatusOK, "home", d)
}

func (t *Tenant) resetByForm(w http.ResponseWriter, r *http.Request) {
	t.Reset()
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// tile returns p as the pages show them: with the photo as it was last
// written, or for those whose photo isn't kept here, a drawn one.
func (t *Tenant) tile(p *person, hinted bool) tile {
	a := tile{Key: p.persona, Name: p.DisplayName, Title: p.JobTitle, Initials: initials(p.DisplayName), Hue: hue(p.ID), Hinted: hinted}
	if t.shown(p) != nil {
		a.Photo = "/people/" + string(p.ID) + "/photo"
	}
	return a
}

// shown returns the photo that the pages show of p, or nil.
func (t *Tenant) shown(p *person) *picture {
	if pic := t.photos.latest(photoKey(p.ID)); pic != nil {
		return pic
	}
	if !p.bare && (p.account == guest || !p.isHere()) {
		return drawnPicture(p)
	}
	return nil
}

// sendPortrait sends somebody's photo in about 120 pixels.
func (t *Tenant) sendPortrait(w http.ResponseWriter, r *http.Request) {
	p := t.byID(directory.ID(r.PathValue("id")))
	if p == nil || t.shown(p) == nil {
		http.NotFound(w, r)
		return
	}
	pic := t.shown(p)
	body, kind := pic.bytes(pic.atMost(120))
	sendPicture(w, r, kind, body)
}

// sendLogo sends a group's photo in about 120 pixels.
func (t *Tenant) sendLogo(w http.ResponseWriter, r *http.Request) {
	g := t.group(r.PathValue("id"))
	if g == nil || t.photos.latest(photoKey(g.ID)) == nil {
		http.NotFound(w, r)
		return
	}
	pic := t.photos.latest(photoKey(g.ID))
	body, kind := pic.bytes(pic.atMost(120))
	sendPicture(w, r, kind, body)
}

// groupTile returns g as the pages show it, with the photo as it was last written.
func (t *Tenant) groupTile(g directory.Group) tile {
	a := tile{Name: g.DisplayName, Title: g.Mail, Initials: initials(g.DisplayName), Hue: hue(g.ID)}
	if t.photos.latest(photoKey(g.ID)) != nil {
		a.Photo = "/groups/" + string(g.ID) + "/photo"
	}
	return a
}

func sendPicture(w http.ResponseWriter, r *http.Request, kind string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'")
	h.Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// initials returns the first letters of the first and last word of name, or
// its last two characters where it is written without spaces.
func initials(name string) string {
	words := strings.Fields(name)
	first, last := []rune(words[0]), []rune(words[len(words)-1])
	if len(words) == 1 && unicode.Is(unicode.Han, first[0]) {
		return string(first[max(0, len(first)-2):])
	}
	if len(words) == 1 {
		return string(unicode.ToUpper(first[0]))
	}
	return string([]rune{unicode.ToUpper(first[0]), unicode.ToUpper(last[0])})
}

func hue(id directory.ID) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // a hash never fails
	return h.Sum32() % 6
}
