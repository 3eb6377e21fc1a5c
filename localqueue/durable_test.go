package localqueue_test

import (
	"testing"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/localqueue/conformance"
)

// openDurable opens a server on dir, which the test closes and opens again in the end,
// to find that it is in order.
func openDurable(t *testing.T, dir string, opts ...func(*localqueue.Options)) *localqueue.Server {
	t.Helper()
	s, err := localqueue.Open(dir, append([]func(*localqueue.Options){func(o *localqueue.Options) { o.SegmentSize = 2 << 20 }}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(); err != nil {
		t.Fatalf("after opening: %v", err)
	}
	return s
}

func TestConformanceDurable(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Client {
		dir := t.TempDir()
		s := openDurable(t, dir, func(o *localqueue.Options) { o.Sync = localqueue.SyncNever }) // what syncs promise is not tested here
		t.Cleanup(func() {
			if err := s.Check(); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if err := openDurable(t, dir).Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	})
}
