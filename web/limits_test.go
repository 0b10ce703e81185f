package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestSecurityAddressesThatCountTogether(t *testing.T) {
	for _, tt := range []struct {
		sentence, one, other string
		together             bool
	}{
		{"an address and itself", "192.0.2.1", "192.0.2.1", true},
		{"neighbours", "192.0.2.1", "192.0.2.2", false},
		{"an address and itself in IPv6", "192.0.2.1", "::ffff:192.0.2.1", true},
		{"two of one IPv6 network", "2001:db8::1", "2001:db8::dead:beef", true},
		{"two spellings", "2001:db8::1", "2001:0DB8:0:0::1", true},
		{"two IPv6 networks", "2001:db8::1", "2001:db8:0:1::1", false},
		{"one on two links", "fe80::1%eth0", "fe80::1%eth1", true},
		{"what is no address", "", "evil", true},
	} {
		if got := bucketOf("/auth/sign-in", tt.one) == bucketOf("/auth/sign-in", tt.other); got != tt.together {
			t.Errorf("%s count together: %v, want %v", tt.sentence, got, tt.together)
		}
	}
}

func TestSecurityLimiterRefillsEvenly(t *testing.T) {
	l, b := newLimiter(60), bucketOf("/auth/sign-in", "192.0.2.1")
	for i := range 60 {
		if wait := l.spend(b, noon); wait != 0 {
			t.Fatalf("request %d of 60 waits %v", i+1, wait)
		}
	}
	for range 3 { // who is refused isn't counted
		if wait := l.spend(b, noon); wait <= 0 || wait > time.Second {
			t.Errorf("one too many waits %v, want up to a second", wait)
		}
	}
	if wait := l.spend(b, noon.Add(time.Second)); wait != 0 {
		t.Errorf("a second later it still waits %v", wait)
	}
	if wait := l.spend(bucketOf("/auth/callback", "192.0.2.1"), noon); wait != 0 {
		t.Errorf("another route waits %v", wait)
	}
}

// TestSecurityLimiterHasBounds lets more addresses come than there is room for:
// those beyond share one bucket, and once the others are quiet there is room.
func TestSecurityLimiterHasBounds(t *testing.T) {
	l := newLimiter(1)
	address := func(i int) bucket {
		return bucketOf("/auth/sign-in", netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}).String())
	}
	for i := range maxBuckets {
		if wait := l.spend(address(i), noon); wait != 0 {
			t.Fatalf("address %d waits %v", i, wait)
		}
	}
	if wait := l.spend(address(maxBuckets), noon); wait != 0 {
		t.Errorf("the first beyond waits %v", wait)
	}
	if wait := l.spend(address(maxBuckets+1), noon); wait <= 0 {
		t.Error("the second beyond doesn't wait")
	}
	if len(l.buckets) != maxBuckets {
		t.Errorf("%d buckets are kept, want %d", len(l.buckets), maxBuckets)
	}
	if wait := l.spend(address(maxBuckets+1), noon.Add(time.Minute)); wait != 0 || len(l.buckets) != 1 {
		t.Errorf("a minute later it waits %v among %d, want none, alone", wait, len(l.buckets))
	}
}

// TestSecurityForwardedAddressesCountFromTrustedProxiesOnly asks who a request
// is from, as the limits do.
func TestSecurityForwardedAddressesCountFromTrustedProxiesOnly(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, tt := range []struct {
		sentence  string
		trusted   []netip.Prefix
		from      string
		forwarded []string
		want      string
	}{
		{"nobody is trusted, and nothing is said", nil, "192.0.2.1:99", nil, "192.0.2.1"},
		{"nobody is trusted", nil, "192.0.2.1:99", []string{"6.6.6.6"}, "192.0.2.1"},
		{"nobody is trusted, not even loopback", nil, "127.0.0.1:99", []string{"6.6.6.6"}, "127.0.0.1"},
		{"a stranger claims to forward", proxies, "192.0.2.1:99", []string{"6.6.6.6"}, "192.0.2.1"},
		{"a neighbour in another private network does", proxies, "192.168.0.1:99", []string{"6.6.6.6"}, "192.168.0.1"},
		{"the proxy forwards", proxies, "10.1.1.1:99", []string{"192.0.2.7"}, "192.0.2.7"},
		{"the proxy forwards what a client made up before it", proxies, "10.1.1.1:99", []string{"6.6.6.6, 192.0.2.7"}, "192.0.2.7"},
		{"the same in two headers", proxies, "10.1.1.1:99", []string{"6.6.6.6", "192.0.2.7"}, "192.0.2.7"},
		{"two proxies forward", proxies, "10.1.1.1:99", []string{"192.0.2.7, 10.2.2.2"}, "192.0.2.7"},
		{"the proxy forwards nonsense", proxies, "10.1.1.1:99", []string{"evil"}, "10.1.1.1"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = tt.from
			for _, value := range tt.forwarded {
				r.Header.Add("X-Forwarded-For", value)
			}
			r.Header.Set("X-Real-IP", "6.6.6.6")
			r.Header.Set("Forwarded", "for=6.6.6.6")
			if got := clientIP(tt.trusted)(r); got != tt.want {
				t.Errorf("is from %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSecurityCrowdedRoutesExist(t *testing.T) {
	paths := map[string]bool{}
	for _, r := range (&site{}).routes() {
		paths[r.path] = true
	}
	for _, path := range crowded {
		if !paths[path] {
			t.Errorf("%s is limited, but there is no such route", path)
		}
	}
}
