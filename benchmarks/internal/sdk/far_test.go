package sdk_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
)

// slow is a transport whose replies take a while.
type slow struct {
	takes  time.Duration
	closed bool // the reply's body
}

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := sdk.Rest(r.Context(), s.takes); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: s}, nil
}

func (s *slow) Read([]byte) (int, error) { return 0, io.EOF }
func (s *slow) Close() error             { s.closed = true; return nil }

// Requests take longer, half of it each way: that of a long poll too, after it has waited. One that is given up
// on its way back leaves nothing open.
func TestDelayed(t *testing.T) {
	t.Parallel()
	for away, want := range map[time.Duration]error{20 * time.Millisecond: nil, 3 * time.Second: context.DeadlineExceeded} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 22*time.Second)
			defer cancel()
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://queue", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			over := &slow{takes: 20 * time.Second}
			start := time.Now()
			_, err = sdk.Delayed(over, away).RoundTrip(r)
			if took := time.Since(start); err != want || took != min(20*time.Second+away, 22*time.Second) {
				t.Errorf("%v away: it took %v, %v", away, took, err)
			}
			if over.closed != (err != nil) {
				t.Errorf("%v away: closed: %v", away, over.closed)
			}
		})
	}
}
