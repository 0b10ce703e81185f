package main

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"portrait/internal/auth"
)

// TestSecurityOutgoingLeadsToItsHostsAlone asks for addresses beside the one
// that is configured; nothing may reach the server that listens there.
func TestSecurityOutgoingLeadsToItsHostsAlone(t *testing.T) {
	var reached atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer elsewhere.Close()
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/redirect" {
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
		}
	}))
	defer home.Close()
	client := outgoing(home.URL + "/v1.0")
	defer client.CloseIdleConnections()
	port := home.URL[strings.LastIndex(home.URL, ":"):]
	for _, tt := range []struct {
		sentence, address string
		status            int // 0 = refused
	}{
		{"home", home.URL + "/anything", http.StatusOK},
		{"home, where it leads elsewhere", home.URL + "/redirect", http.StatusFound},
		{"elsewhere", elsewhere.URL, 0},
		{"home by another name", "http://localhost" + port, 0},
		{"home by https", "https://127.0.0.1" + port, 0},
		{"home with a password", "http://a:b@127.0.0.1" + port, 0},
		{"a host that begins like home", "http://127.0.0.1.evil.example" + port, 0},
		{"the machine's metadata", "http://169.254.169.254/latest/meta-data/", 0},
		{"a file", "file:///etc/passwd", 0},
	} {
		res, err := client.Get(tt.address)
		if err == nil {
			_ = res.Body.Close() // it is empty
		}
		if tt.status == 0 && !errors.Is(err, errForeignHost) || tt.status != 0 && (err != nil || res.StatusCode != tt.status) {
			t.Errorf("%s: %v, want %d", tt.sentence, err, tt.status)
		}
	}
	if n := reached.Load(); n > 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

// TestSecurityNamesThatLeadInside is about a name of the configured host that
// DNS sends inside this network: the address that is connected to counts.
func TestSecurityNamesThatLeadInside(t *testing.T) {
	var reached atomic.Int32
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer inside.Close()
	_, port, err := net.SplitHostPort(inside.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	named := outgoing("https://graph.example").Transport.(*fence)
	for _, host := range []string{"localhost", "127.0.0.1"} { // the first is a name that is looked up
		if _, err := named.dial(t.Context(), "tcp", net.JoinHostPort(host, port)); !errors.Is(err, errInside) {
			t.Errorf("connecting to %s: %v, want it refused", host, err)
		}
	}
	literal := outgoing(inside.URL)
	defer literal.CloseIdleConnections()
	if res, err := literal.Get(inside.URL); err != nil {
		t.Errorf("a setting that names the address itself: %v", err)
	} else {
		_ = res.Body.Close() // it is empty
	}
	if n := reached.Load(); n != 1 {
		t.Errorf("%d requests arrived, want the one that a setting allows", n)
	}
}

func TestSecurityAddressesOfTheInternet(t *testing.T) {
	for _, tt := range []struct {
		address string
		public  bool
	}{
		{"20.190.128.1", true}, {"2603:1006:2000::1", true}, {"64:ff9b::14be:8001", true}, {"::ffff:20.190.128.1", true},
		{"127.0.0.1", false}, {"127.8.8.8", false}, {"::1", false}, {"0.0.0.0", false}, {"::", false}, {"0.1.2.3", false},
		{"10.0.0.1", false}, {"172.16.0.1", false}, {"172.31.255.255", false}, {"192.168.1.1", false}, {"100.64.0.1", false},
		{"169.254.169.254", false}, {"fe80::1", false}, {"fd00:ec2::254", false}, {"fec0::1", false}, {"224.0.0.1", false}, {"ff02::1", false},
		{"255.255.255.255", false}, {"240.0.0.1", false}, {"198.18.0.1", false}, {"192.0.0.170", false},
		{"::ffff:127.0.0.1", false}, {"::ffff:169.254.169.254", false}, {"64:ff9b::7f00:1", false}, {"64:ff9b::a9fe:a9fe", false},
		{"64:ff9b:1::1", false}, {"2002:7f00:1::", false},
	} {
		if got := isPublic(netip.MustParseAddr(tt.address)); got != tt.public {
			t.Errorf("%s is on the internet: %v, want %v", tt.address, got, tt.public)
		}
		address := net.JoinHostPort(tt.address, "443")
		if err := refuseInside("tcp", address, nil); (err == nil) != tt.public {
			t.Errorf("connecting to %s: %v", address, err)
		}
	}
}

// TestSecurityProviderAndGraphHaveTheirOwnHosts holds that neither client leads
// to the other's host, nor anywhere else, in every cloud.
func TestSecurityProviderAndGraphHaveTheirOwnHosts(t *testing.T) {
	for name := range clouds {
		c, err := parseConfig(whole(map[string]string{"PORTRAIT_CLOUD": name}))
		if err != nil {
			t.Fatal(err)
		}
		provider, toGraph := outgoing(auth.ProviderOrigins(c.Issuer)...).Transport.(*fence), outgoing(c.GraphURL).Transport.(*fence)
		for what, f := range map[string]*fence{"the provider": provider, "Graph": toGraph} {
			if len(f.origins) != 1 || !strings.HasPrefix(f.origins[0], "https://") || len(f.inside) > 0 {
				t.Errorf("%s: %s may be at %v, inside %v", name, what, f.origins, f.inside)
			}
		}
		if u, _ := url.Parse(c.Issuer); provider.origins[0] != "https://"+u.Host || provider.origins[0] == toGraph.origins[0] {
			t.Errorf("%s: %v and %v", name, provider.origins, toGraph.origins)
		}
	}
	old := auth.ProviderOrigins("https://sts.windows.net/7a1b2c3d-0000-4000-8000-000000000001/")
	if len(old) != 3 || old[1] != "https://login.microsoftonline.com" {
		t.Errorf("an older issuer and its endpoints may be at %v", old)
	}
}
