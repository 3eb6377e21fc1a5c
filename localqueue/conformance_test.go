package localqueue_test

import (
	"testing"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/localqueue/conformance"
)

func TestConformance(t *testing.T) {
	conformance.Run(t, client(localqueue.New))
}

// TestConformanceNaive holds the oracle to the same suite. Heavy cases are left
// out: it is slow with many messages.
func TestConformanceNaive(t *testing.T) {
	conformance.Run(t, client(localqueue.NewNaive), func(o *conformance.Options) { o.Without = conformance.Heavy })
}

func client(open func(...func(*localqueue.Options)) *localqueue.Server) func(*testing.T) conformance.Client {
	return func(t *testing.T) conformance.Client {
		s := open()
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
}
