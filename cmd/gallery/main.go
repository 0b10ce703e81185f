// Command gallery shows every view with made-up data, in every language and
// theme: for design, screenshots and review. It needs no tenant and listens on
// this machine only.
//
//	go run ./cmd/gallery [-addr 127.0.0.1:8090]
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"portrait/internal/words"
	"portrait/static"
	"portrait/views"
)

var themes = []string{"light", "dark"}

func main() {
	addr := flag.String("addr", "127.0.0.1:8090", "where to listen, on this machine")
	flag.Parse()
	handler, err := gallery()
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Gallery: http://%s/\n", listener.Addr())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.Serve(listener))
}

// gallery returns the site: / lists the views, /{language}/{theme}/{name} is one.
// The language "pseudo" is one that nobody speaks, with longer texts.
func gallery() (http.Handler, error) {
	catalog, err := words.New()
	if err != nil {
		return nil, err
	}
	files, err := static.Handler()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+static.Prefix, files)
	mux.HandleFunc("GET /sample.jpg", servePicture)
	index := ""
	add := func(language, theme string, p words.Printer) {
		for _, s := range views.Samples(p, theme) {
			path := "/" + language + "/" + theme + "/" + s.Name
			index += fmt.Sprintf("<li><a href=%q>%s</a></li>\n", path, path)
			mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
				if err := s.View.Render(r.Context(), w); err != nil {
					http.Error(w, err.Error(), http.StatusInternalServerError)
				}
			})
		}
	}
	for _, theme := range themes {
		for _, language := range words.Languages {
			add(language, theme, catalog.Printer(language, ""))
		}
	}
	add("pseudo", "light", catalog.Pseudo())
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		// A browser that went away needs no answer.
		_, _ = fmt.Fprintf(w, "<!DOCTYPE html><html lang=en><title>Gallery</title><h1>Every view</h1><ul>%s</ul>", index)
	})
	return mux, nil
}
