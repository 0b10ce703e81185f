package graph

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter is the longest wait that is believed. Who is told to come back
// later than that comes back then, and is told again.
const maxRetryAfter = 10 * time.Minute

// retryAfter returns how long Graph asks to wait, 0 if it doesn't say or says
// "now". Graph sends whole seconds and decimals ("2.128"); RFC 9110 allows a
// date, which is compared with the clock that wrote it, Graph's, if it is sent.
//
// Source: https://learn.microsoft.com/graph/throttling and RFC 9110, 10.2.3
func retryAfter(h http.Header, now time.Time) time.Duration {
	raw := strings.TrimSpace(h.Get("Retry-After"))
	if at, err := http.ParseTime(raw); err == nil {
		if date, err := http.ParseTime(h.Get("Date")); err == nil {
			now = date
		}
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	seconds, err := strconv.ParseFloat(raw, 64)
	if err != nil && !math.IsInf(seconds, 1) || math.IsNaN(seconds) || seconds <= 0 {
		return 0
	}
	if seconds >= maxRetryAfter.Seconds() {
		return maxRetryAfter
	}
	return time.Duration(seconds * float64(time.Second))
}
