package storetest

import (
	"bufio"
	"errors"
	"io"
	"os"
	"testing"
)

// server is a throwaway PostgreSQL server.
type server struct {
	url string // of its database postgres
	in  io.Writer
	out *bufio.Reader
	end func() // ends it and deletes what it has
}

// Server is a PostgreSQL server of one test's own, which the test may stop.
type Server struct {
	URL string // of a database without any tables, as store.Open takes it

	t      *testing.T
	server *server
}

// OwnServer starts a server that ends with the test. Where there is no PostgreSQL
// it does as PostgreSQL does. A server that PORTRAIT_TEST_POSTGRES names is never
// used: it isn't ours to stop.
func OwnServer(t *testing.T) *Server {
	t.Helper()
	s, err := startCluster()
	if errors.Is(err, errNoPostgres) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.end)
	return &Server{URL: s.url, t: t, server: s}
}

// Stop ends the server as an operator does: connections are cut, transactions
// undone.
func (s *Server) Stop() { s.say("stop") }

// Crash ends the server as kill -9 does: it recovers when it is started.
func (s *Server) Crash() { s.say("crash") }

func (s *Server) say(word string) {
	s.t.Helper()
	if _, err := io.WriteString(s.server.in, word+"\n"); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.server.out.ReadString('\n'); err != nil {
		s.t.Fatal(err)
	}
}

// Start starts the server again and returns once it answers.
func (s *Server) Start() {
	s.t.Helper()
	if _, err := io.WriteString(s.server.in, "start\n"); err != nil {
		s.t.Fatal(err)
	}
	if err := answers(s.URL); err != nil {
		s.t.Fatal(err)
	}
}
