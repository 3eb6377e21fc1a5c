package main

import (
	"fmt"
	"net/http"
	"sync/atomic"
)

// front answers what is not SQS's: GET and HEAD of /healthz, /readyz and /metrics,
// exactly so spelled. No queue is lost by that: the path of a queue has its account in it.
// These need no signature; metrics are guarded from foreign web pages as SQS is.
type front struct {
	sqs     http.Handler
	admits  func(*http.Request) error
	metrics http.Handler

	draining atomic.Bool
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		f.sqs.ServeHTTP(w, r)
		return
	}
	switch r.URL.Path {
	case "/healthz":
		alive(w, r)
	case "/readyz":
		f.ready(w, r)
	case "/metrics":
		f.guard(w, r)
	default:
		f.sqs.ServeHTTP(w, r)
	}
}

// guard shows the metrics to whom may see them.
func (f *front) guard(w http.ResponseWriter, r *http.Request) {
	if err := f.admits(r); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	f.metrics.ServeHTTP(w, r)
}

func alive(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }

// ready says whether requests should come here. The queues of the command line
// exist before the first request is read.
func (f *front) ready(w http.ResponseWriter, _ *http.Request) {
	if f.draining.Load() {
		http.Error(w, "stopping", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}
