package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestFront(t *testing.T) {
	t.Parallel()
	says := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(text)) }
	}
	for _, c := range []struct {
		method, path string
		refused      bool
		stopped      error
		status       int
		body         string
	}{
		{method: "GET", path: "/healthz", status: 200, body: "ok\n"},
		{method: "GET", path: "/readyz", status: 200, body: "ok\n"},
		{method: "GET", path: "/readyz", stopped: errors.New("the disk"), status: 503, body: "the disk\n"},
		{method: "GET", path: "/healthz", stopped: errors.New("the disk"), status: 503, body: "the disk\n"},
		{method: "GET", path: "/metrics", status: 200, body: "metrics"},
		{method: "GET", path: "/healthz", refused: true, status: 200, body: "ok\n"},
		{method: "GET", path: "/readyz", refused: true, status: 200, body: "ok\n"},
		{method: "GET", path: "/metrics", refused: true, status: 403, body: "foreign\n"},
		{method: "HEAD", path: "/healthz", status: 200, body: "ok\n"}, // net/http leaves the body out
		{method: "POST", path: "/healthz", status: 200, body: "sqs"},
		{method: "POST", path: "/", refused: true, status: 200, body: "sqs"}, // SQS guards itself
		{method: "GET", path: "/", status: 200, body: "sqs"},
		{method: "GET", path: "/metrics/", status: 200, body: "sqs"},
		{method: "GET", path: "/000000000000/metrics", status: 200, body: "sqs"},
	} {
		f := &front{sqs: says("sqs"), metrics: says("metrics"), admits: func(*http.Request) error {
			if c.refused {
				return errors.New("foreign")
			}
			return nil
		}, err: func() error { return c.stopped }}
		w := httptest.NewRecorder()
		f.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.status || w.Body.String() != c.body {
			t.Errorf("%s %s (refused %t): %d %q, want %d %q",
				c.method, c.path, c.refused, w.Code, w.Body, c.status, c.body)
		}
	}
}
