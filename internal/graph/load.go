package graph

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// HighLoad is the part of a limit from which on Graph says how much is used.
//
// Source: https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits
const HighLoad = 0.8

// Load is what an answer says about how much Graph takes from Portrait.
type Load struct {
	Status     int           // of the answer, or of a part of a $batch
	Used       float64       // part of a limit that is used, from HighLoad on; beyond 1 it is exceeded; 0 = not said
	RetryAfter time.Duration // at most 10 minutes; 0 = not said
	WholeApp   bool          // Graph refuses all of the app in this tenant until RetryAfter is over
}

// tellLoad hands on what an answer says about Graph's load, if it says anything.
func (c *Client) tellLoad(status int, h http.Header) {
	if c.Load == nil {
		return
	}
	l := Load{Status: status, RetryAfter: retryAfter(h, time.Now())}
	used, err := strconv.ParseFloat(h.Get("x-ms-throttle-limit-percentage"), 64)
	if err == nil && used >= HighLoad {
		l.Used = used
	}
	// <Scope>/<Limit>/<ApplicationId>/<TenantId|UserId|ResourceId>
	scope, _, _ := strings.Cut(h.Get("x-ms-throttle-scope"), "/")
	refused := status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
	l.WholeApp = refused && l.RetryAfter > 0 && (strings.EqualFold(scope, "Tenant_Application") || strings.EqualFold(scope, "Application"))
	if l.Used > 0 || refused {
		c.Load(l)
	}
}
