package main

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue"
)

func TestDiskMetrics(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	m.registry.MustRegister(diskCollector{func() localqueue.DiskStats {
		return localqueue.DiskStats{Segments: 3, Bytes: 1000, Live: 600, Full: true}
	}})
	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		"quayside_log_segments 3", "quayside_log_bytes 1000", "quayside_log_live_bytes 600", "quayside_disk_full 1",
	} {
		if !strings.Contains(w.Body.String(), "\n"+want+"\n") {
			t.Errorf("%q is missing", want)
		}
	}
}
