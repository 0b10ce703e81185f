package graph_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portrait/internal/directory"
	"portrait/internal/graph"
)

func TestLoadIsHandedUp(t *testing.T) {
	const app = "Tenant_Application/ReadWrite/9a3d526c-b3c1-4479-ba74-197b5c5751ae/0785ef7c-2d7a-4542-b048-95bcab406e0b"
	batch := `{"responses":[
		{"id":"1","status":429,"headers":{"Retry-After":"7","x-ms-throttle-scope":"` + app + `"},"body":{"error":{"code":"TooManyRequests"}}},
		{"id":"2","status":404,"headers":{"X-MS-Throttle-Limit-Percentage":"0.9"},"body":{"error":{"code":"ImageNotFound"}}}]}`
	for _, tt := range []struct {
		sentence string
		status   int
		header   [][2]string
		want     []graph.Load
	}{
		{"an answer that says nothing about load", 200, nil, nil},
		{"less than most of a limit", 200, [][2]string{{"x-ms-throttle-limit-percentage", "0.79"}}, nil},
		{"most of a limit", 200, [][2]string{{"x-ms-throttle-limit-percentage", "0.8"}}, []graph.Load{{Status: 200, Used: 0.8}}},
		{"nonsense", 200, [][2]string{{"x-ms-throttle-limit-percentage", "much"}}, nil},
		{"a throttle that names no scope", 429, [][2]string{{"Retry-After", "3"}}, []graph.Load{{Status: 429, RetryAfter: 3 * time.Second}}},
		{"one of the app", 429, [][2]string{{"Retry-After", "86400"}, {"x-ms-throttle-scope", app}}, []graph.Load{{Status: 429, RetryAfter: 10 * time.Minute, WholeApp: true}}},
		{"one of a user", 429, [][2]string{{"Retry-After", "3"}, {"x-ms-throttle-scope", "User/ReadWrite/a/b"}}, []graph.Load{{Status: 429, RetryAfter: 3 * time.Second}}},
		{"one that doesn't say until when", 429, [][2]string{{"x-ms-throttle-scope", app}}, []graph.Load{{Status: 429}}},
		{"an outage", 503, nil, []graph.Load{{Status: 503}}},
		{"parts of a batch", 0, nil, []graph.Load{{Status: 429, RetryAfter: 7 * time.Second, WholeApp: true}, {Status: 404, Used: 0.9}}},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for _, h := range tt.header {
					w.Header().Set(h[0], h[1])
				}
				if tt.status == 0 {
					_, _ = w.Write([]byte(batch)) // the client says what it misses
					return
				}
				w.WriteHeader(tt.status)
			}))
			defer server.Close()
			client, err := graph.New(server.URL, nil, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			var got []graph.Load
			client.Load = func(l graph.Load) { got = append(got, l) }
			if tt.status == 0 {
				_, err = client.Photos(t.Context(), "token", []directory.Subject{directory.Me(), directory.Me()}, 48)
			} else {
				_, _ = client.PhotoInfo(t.Context(), "token", directory.Me()) // its outcome is another test's
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}
