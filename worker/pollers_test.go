package worker_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/time/rate"

	"github.com/quayside-go/quayside/worker"
)

// unsure is a queue far away that refuses receives, on their way back, while refuse says so.
type unsure struct {
	far
	refuse func() error
}

func (q unsure) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, o ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	if err := q.refuse(); err != nil {
		_ = wait(ctx, 20*time.Millisecond)
		return nil, err
	}
	return q.far.ReceiveMessage(ctx, in, o...)
}

// anySize has polls fetch ahead whatever the queue's largest message is.
func anySize(o *worker.Options) { o.PrefetchBytes = 1 << 40 }

// Dozens of receives that are under way when SQS does not answer are one failure, not
// dozens in a row, which would be a pause of ten seconds.
func TestReceivesThatFailTogetherAreOneFailure(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 50_000)
		var failing atomic.Bool
		w, _ := startWorker(t, unsure{far{q}, func() error {
			if failing.Load() {
				return errLost
			}
			return nil
		}}, "orders", ok, concurrency(64), prefetch(640), anySize)
		after(900 * time.Millisecond)
		if n := w.Stats().Pollers; n < 20 {
			t.Fatalf("%d pollers, want dozens", n)
		}
		failing.Store(true)
		after(25 * time.Millisecond)
		failing.Store(false)
		after(25 * time.Millisecond) // the last of those that failed has come back
		before := w.Stats().Received
		after(time.Second)
		n := w.Stats().Received - before
		t.Logf("%d messages received in that second", n)
		if n < 3000 {
			t.Errorf("%d messages received in the second after a failure of 25 ms, want them to go on", n)
		}
	})
}

// Where SQS grants so many receives a second, throttling keeps them to about that, and not
// to one poller and its pauses.
func TestThrottlingLeavesMostOfWhatIsGranted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const granted, seconds = 300, 10
		q := newLocal(t, "orders")
		q.send("orders", 2*granted*10*seconds)
		limit := rate.NewLimiter(granted, granted)
		w, _ := startWorker(t, unsure{far{q}, func() error {
			if !limit.Allow() {
				return apiError("RequestThrottled")
			}
			return nil
		}}, "orders", ok, concurrency(64), prefetch(640), anySize)
		after(seconds * time.Second)
		n, most := w.Stats().Received, int64(granted*10*seconds)
		t.Logf("%d messages of %d", n, most)
		if int64(n) < most/2 {
			t.Errorf("%d messages in %d s, want at least half of the %d that %d receives a second bring", n, seconds, most, granted)
		}
	})
}

// Something else than receives sets the pace: steps are in vain, and are taken back.
func TestPollersAreFewWhereAGateSetsThePace(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 5000)
		w, _ := startWorker(t, far{q}, "orders", ok, concurrency(1000), gated(worker.RateLimit(50, 50)))
		most := 0
		for range 90 {
			after(time.Second)
			most = max(most, w.Stats().Pollers)
		}
		if most > 8 {
			t.Errorf("%d pollers at 50 messages a second, want a few", most)
		}
	})
}

// After a burst, messages that come one by one do not keep its pollers, each of which would
// receive them one by one.
func TestATrickleNeedsFewPollers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		w, _ := startWorker(t, far{q}, "orders", ok, concurrency(64), prefetch(640), anySize)
		q.send("orders", 20_000)
		after(2 * time.Second)
		if n := w.Stats().Pollers; n < 20 {
			t.Fatalf("%d pollers after a burst, want dozens", n)
		}
		var before worker.Stats
		for i := range 400 * 40 { // 400 a second
			if i == 400*30 {
				before = w.Stats()
			}
			q.send("orders", 1)
			time.Sleep(2500 * time.Microsecond)
		}
		s := w.Stats()
		received, receives := s.Received-before.Received, s.Requests["ReceiveMessage"]-before.Requests["ReceiveMessage"]
		t.Logf("%d receives for %d messages, %d pollers", receives, received, s.Pollers)
		if receives*2 > int64(received) {
			t.Errorf("%d receives for %d messages half a minute after a burst, with %d pollers: want less than half of that", receives, received, s.Pollers)
		}
	})
}
