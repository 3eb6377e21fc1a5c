package sqshttp_test

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// stalls counts the requests that net/http was slow to see the end of. It does not
// use a connection again whose writer is still not done 50 ms after the reply was
// read. On a machine with far too much to do that happens, to any client.
type stalls struct{ atomic.Int64 }

// watch returns a context for one call.
func (s *stalls) watch(ctx context.Context) context.Context {
	var replied atomic.Int64 // when, in ns; 0: not yet
	start := time.Now()
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotFirstResponseByte: func() { replied.Store(int64(time.Since(start))) },
		WroteRequest: func(httptrace.WroteRequestInfo) {
			at := time.Duration(replied.Load())
			if at != 0 && time.Since(start)-at > 25*time.Millisecond {
				s.Add(1)
			}
		},
	})
}
