package localqueue_test

import (
	"testing"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/localqueue/conformance"
)

func TestConformance(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Client {
		s := localqueue.New()
		t.Cleanup(func() { _ = s.Close() })
		return s
	})
}
