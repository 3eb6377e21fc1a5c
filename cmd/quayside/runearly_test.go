package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// TestRunStoppedEarly has a signal come while the queue is looked up: that is no failure.
func TestRunStoppedEarly(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice who hangs up
		cancel()
		<-r.Context().Done()
	}))
	defer server.Close()
	var said strings.Builder
	status := run(ctx, []string{"run", "--endpoint", server.URL, "--queue", "orders", "--exec", os.Args[0]}, io.Discard, &said)
	if status != exitOK || said.String() != "" {
		t.Errorf("status %d: %s", status, said.String())
	}
}
