package worker

import (
	"fmt"
	"net/http"
	"time"
)

// DefaultUnhealthyAfter is Healthz's limit unless given.
const DefaultUnhealthyAfter = time.Minute

// Health returns nil while the worker does its work: its Run has begun and not
// ended, and receives have not failed, one after the other, for longer than
// limit. An empty queue, a closed gate and slow handlers are no failures. Before
// Run is receiving it is an error that says so.
func (w *Worker) Health(limit time.Duration) error {
	r := w.run.Load()
	if r == nil {
		return fmt.Errorf("worker of queue %q: Run was not called", w.queue)
	}
	s := &r.stats
	if s.ended.Load() {
		return fmt.Errorf("worker of queue %q: Run has ended", r.queue.name)
	}
	since := s.failing.Load()
	if since == nil {
		return nil
	}
	if d := time.Since(since.since); d > limit {
		return fmt.Errorf("worker of queue %q: receives have failed for %v: %w", r.queue.name, d.Round(time.Second), since.err)
	}
	return nil
}

// failing is a row of receives that failed.
type failing struct {
	since time.Time
	err   error // the last one's
}

// Healthz returns a handler for a liveness probe, such as "/healthz": 200 while
// [Worker.Health] with a limit of DefaultUnhealthyAfter is nil for all of ws, else
// 503 and a line for each that is not. Behind it, a probe restarts a process that
// cannot reach its queue; give the probe some patience.
func Healthz(ws ...*Worker) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		var text string
		for _, w := range ws {
			if err := w.Health(DefaultUnhealthyAfter); err != nil {
				text += err.Error() + "\n"
			}
		}
		out.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if text != "" {
			out.WriteHeader(http.StatusServiceUnavailable)
			_, _ = out.Write([]byte(text))
			return
		}
		_, _ = out.Write([]byte("ok\n"))
	})
}
