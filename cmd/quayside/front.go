package main

import (
	"fmt"
	"net/http"
)

// front answers what is not SQS's: GET and HEAD of /healthz, /readyz and /metrics,
// exactly so spelled. No queue is lost by that: the path of a queue has its account in it.
// These need no signature; metrics are guarded from foreign web pages as SQS is.
type front struct {
	sqs     http.Handler
	admits  func(*http.Request) error
	metrics http.Handler
	err     func() error // why it can only be started again; nil: it goes on
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		f.sqs.ServeHTTP(w, r)
		return
	}
	switch r.URL.Path {
	case "/healthz", "/readyz": // queues exist before it answers; stopping, it accepts nothing
		f.health(w)
	case "/metrics":
		f.guard(w, r)
	default:
		f.sqs.ServeHTTP(w, r)
	}
}

// health is ok until nothing but a restart helps.
func (f *front) health(w http.ResponseWriter) {
	if err := f.err(); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// guard shows the metrics to whom may see them.
func (f *front) guard(w http.ResponseWriter, r *http.Request) {
	if err := f.admits(r); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	f.metrics.ServeHTTP(w, r)
}
