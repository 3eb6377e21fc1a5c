package sqshttp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/sqshttp"
)

// TestReceive makes 20,000 receives from a server that answers faster than SQS ever
// does. An http.Client with the same transport fails it by its connections: with one
// caller it opens more than ten in a thousand receives; see BenchmarkReceive. Beside
// callers+2 connections the test grants one for every stall; on a machine that is not
// overloaded there are none.
func TestReceive(t *testing.T) {
	t.Parallel()
	for _, callers := range []int{1, 4} {
		t.Run(fmt.Sprintf("callers=%d", callers), func(t *testing.T) {
			const receives = 10_000
			q := newQueue(callers)
			defer q.Close()
			c := sqshttp.New()
			defer c.CloseIdleConnections()

			var slow stalls
			if lost, err := receiveAll(q.client(c), receives, callers, &slow); lost > 0 {
				t.Errorf("%d of %d receives failed; one of them with: %v", lost, receives, err)
			}
			opened := q.opened.Load()
			if limit := int64(callers+2) + slow.Load(); opened > limit {
				t.Errorf("%d connections opened, want %d at most", opened, limit)
			}
			t.Logf("%d receives, %d connections, %d stalls", receives, opened, slow.Load())
		})
	}
}

// BenchmarkReceive counts, beside the time, the replies lost and the connections
// opened in a thousand receives. On two cores, three runs of 10,000 receives each by
// one caller, an http.Client opened 17 to 26 and lost none or 0.1; a sqshttp.Client
// opened one connection a run and lost none.
func BenchmarkReceive(b *testing.B) {
	for _, callers := range []int{1, 4} {
		b.Run(fmt.Sprintf("http.Client/callers=%d", callers), func(b *testing.B) {
			benchmarkReceive(b, &http.Client{Transport: sqshttp.NewTransport()}, callers)
		})
		b.Run(fmt.Sprintf("sqshttp.Client/callers=%d", callers), func(b *testing.B) {
			benchmarkReceive(b, sqshttp.New(), callers)
		})
	}
}

type closer interface {
	sqs.HTTPClient
	CloseIdleConnections()
}

func benchmarkReceive(b *testing.B, c closer, callers int) {
	q := newQueue(min(callers, b.N))
	defer q.Close()
	defer c.CloseIdleConnections()
	client := q.client(c)
	b.ReportAllocs()
	b.ResetTimer()
	lost, _ := receiveAll(client, b.N, callers, new(stalls))
	b.ReportMetric(1000*float64(lost)/float64(b.N), "lost/1000")
	b.ReportMetric(1000*float64(q.opened.Load())/float64(b.N), "conns/1000")
}

// receiveAll makes n receives, by so many callers at once, and returns how many
// were lost and one of their errors. A reply with other than ten messages is lost.
func receiveAll(client *sqs.Client, n, callers int, slow *stalls) (lost int, err error) {
	var (
		left atomic.Int64
		wg   sync.WaitGroup
		mu   sync.Mutex
	)
	left.Store(int64(n))
	for range callers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if e := receiveTen(slow.watch(context.Background()), client); e != nil {
					mu.Lock()
					lost, err = lost+1, e
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return lost, err
}

func receiveTen(ctx context.Context, client *sqs.Client) error {
	out, err := client.ReceiveMessage(ctx, receive())
	if err == nil && len(out.Messages) != 10 {
		err = errors.New("not ten messages")
	}
	return err
}
