package killtest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/localqueue/internal/hook"
)

// childEnv holds the childConfig, as JSON, of a process that is to be the server.
const childEnv = "QUAYSIDE_KILLTEST_CHILD"

// childConfig is what one life of the server is given.
type childConfig struct {
	Dir          string
	Sync         localqueue.SyncPolicy
	SyncReceives bool
	SegmentSize  int64
}

// ready is the line that the server prints once it serves.
type ready struct {
	URL      string
	Recovery localqueue.Recovery
}

// checkPath answers what the server finds wrong with itself, 204 for nothing.
const checkPath = "/killtest/check"

// How the child ends.
const (
	exitClosed = iota
	exitBroken // of its own accord
	exitOrphan // standard input ended
)

// child is the server. A line on standard input closes it; the end of standard input
// ends it at once, so that it does not outlive the test.
func child(config string, stdin io.Reader, stdout, stderr io.Writer) int {
	broken := func(doing string, err error) int {
		fmt.Fprintf(stderr, "%s: %v\n", doing, err)
		return exitBroken
	}
	closing := make(chan struct{})
	go func() {
		if _, err := bufio.NewReader(stdin).ReadString('\n'); err != nil {
			os.Exit(exitOrphan)
		}
		close(closing)
	}()
	var c childConfig
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return broken("read configuration", err)
	}
	s, err := localqueue.Open(c.Dir, func(o *localqueue.Options) {
		o.NoCooldown = true
		o.Sync, o.SyncReceives, o.SegmentSize = c.Sync, c.SyncReceives, c.SegmentSize
	})
	if err != nil {
		return broken("open", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return broken("listen", err)
	}
	server := &http.Server{Handler: childHandler(s)}
	server.RegisterOnShutdown(s.Drain)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	if err := json.NewEncoder(stdout).Encode(ready{"http://" + l.Addr().String(), s.Recovery()}); err != nil {
		return broken("write", err)
	}
	select {
	case err := <-ended:
		return broken("serve", err)
	case <-closing:
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return broken("shut down", err)
	}
	if err := s.Close(); err != nil {
		return broken("close", err)
	}
	return exitClosed
}

// childHandler is the server and its self-check.
func childHandler(s *localqueue.Server) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", s)
	mux.HandleFunc(checkPath, func(w http.ResponseWriter, _ *http.Request) {
		if err := hook.Check(s); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}
