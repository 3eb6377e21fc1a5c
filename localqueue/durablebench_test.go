package localqueue_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/quayside-go/quayside/localqueue"
)

// BenchmarkDurable is batches of ten sent, received and deleted on disk, by so many
// callers at once, each on a queue of its own.
func BenchmarkDurable(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s, err := localqueue.Open(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			var all sync.WaitGroup
			each := b.N/callers + 1
			b.ResetTimer()
			for n := range callers {
				s.MustCreate(fmt.Sprint("orders", n))
				c := newCycle(s, strings.Repeat("x", 1024))
				c.queue = fmt.Sprint("orders", n)
				all.Go(func() {
					for range each {
						c.run(b)
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(each*callers*10), "ns/msg")
		})
	}
}
