package main

import (
	"encoding/json"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"
)

// serveProxy is the peer that Portrait's overhead is measured against: Go's
// reverse proxy, which forwards everything to target, on addr.
func serveProxy(target, addr string) error {
	to, err := url.Parse(target)
	if err != nil {
		return err
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(to) },
		Transport: &http.Transport{MaxIdleConnsPerHost: 256},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	mux.Handle("/", proxy)
	server := &http.Server{Addr: addr, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

// startProxy starts the proxy in a process of its own, as Portrait is in one.
func (s *site) startProxy() (*process, string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, "", err
	}
	p, err := start("http://"+addr+"/healthz", nil, self, "-proxy", s.tenant.GraphURL(), "-at", addr)
	return p, "http://" + addr, err
}

// appToken returns a token of the app itself, which may change everybody's photo.
func (s *site) appToken() (string, error) {
	res, err := http.PostForm(s.tenant.GraphURL()+"/"+string(s.tenant.ID())+"/oauth2/v2.0/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {s.tenant.ClientID()}, "client_secret": {s.tenant.ClientSecret()},
		"scope": {"https://graph.microsoft.com/.default"},
	})
	if err != nil {
		return "", err
	}
	body, _, err := read(res)
	if err != nil {
		return "", err
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	err = json.Unmarshal(body, &answer)
	return answer.Token, err
}
