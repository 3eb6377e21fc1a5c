package worker_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

// far is a queue that every request takes 20 ms to reach.
type far struct{ *local }

func (q far) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, o ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	if err := wait(ctx, 20*time.Millisecond); err != nil {
		return nil, err
	}
	return q.Server.ReceiveMessage(ctx, in, o...)
}

func (q far) DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, o ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	if err := wait(ctx, 20*time.Millisecond); err != nil {
		return nil, err
	}
	return q.Server.DeleteMessageBatch(ctx, in, o...)
}

// From idle to full concurrency in less than a second, and back to one poller.
func TestPollersRampUpAndDown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		var running atomic.Int32
		full := make(chan time.Time, 1)
		w, r := startWorker(t, far{q}, "orders", func(ctx context.Context, _ *worker.Message) error {
			if running.Add(1) == 256 {
				select {
				case full <- time.Now():
				default: // not for the first time
				}
			}
			defer running.Add(-1)
			return wait(ctx, 2*time.Second)
		}, concurrency(256))
		after(time.Minute)
		began := time.Now()
		q.send("orders", 2560)
		if took := (<-full).Sub(began); took > time.Second {
			t.Errorf("from idle to 256 handlers in %v, want less than a second", took)
		}
		if n := w.Stats().Pollers; n < 2 || n > 26 {
			t.Errorf("%d pollers under load, want several, at most 26", n)
		}
		after(5 * time.Minute)
		before := w.Stats()
		if before.Pollers != 1 {
			t.Errorf("%d pollers when idle, want 1", before.Pollers)
		}
		after(time.Hour)
		if n := w.Stats().Requests["ReceiveMessage"] - before.Requests["ReceiveMessage"]; n < 179 || n > 181 {
			t.Errorf("%d receives in an idle hour, want 180", n)
		}
		r.clean()
	})
}

func TestThrottlingHalvesThePollers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 10_000)
		var throttle atomic.Bool
		c := throttled{far{q}, &throttle}
		w, _ := startWorker(t, c, "orders", func(ctx context.Context, _ *worker.Message) error {
			return wait(ctx, 100*time.Millisecond)
		}, concurrency(200))
		after(time.Second)
		before := w.Stats().Pollers
		throttle.Store(true)
		after(time.Second)
		if n := w.Stats().Pollers; before < 3 || n > 1 {
			t.Errorf("%d pollers, %d under throttling, want 3 or more and 1", before, n)
		}
	})
}

type throttled struct {
	far
	on *atomic.Bool
}

func (q throttled) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, o ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	if q.on.Load() {
		return nil, apiError("RequestThrottled")
	}
	return q.far.ReceiveMessage(ctx, in, o...)
}

// attempts notes the ReceiveRequestAttemptIds of receives, each of which is
// answered as scripted.
type attempts struct {
	*fake
	mu  sync.Mutex
	ids []string
}

func (a *attempts) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, o ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	a.mu.Lock()
	a.ids = append(a.ids, *in.ReceiveRequestAttemptId)
	a.mu.Unlock()
	return a.fake.ReceiveMessage(ctx, in, o...)
}

// The same id again after a network error, when SQS may have answered; a fresh one
// after any answer, throttling in particular.
func TestReceiveRequestAttemptIDs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := &attempts{fake: newFake()}
		for _, err := range []error{errLost, errLost, nil, apiError("ThrottlingException"), errLost, nil} {
			a.replies <- reply{err: err}
		}
		start(t, a, "jobs.fifo", ok)
		after(18 * time.Second) // the last poll is under way
		same := func(i, j int) bool { return a.ids[i] == a.ids[j] }
		if len(a.ids) != 7 {
			t.Fatalf("%d receives, want 7", len(a.ids))
		}
		if !same(0, 1) || !same(1, 2) || same(2, 3) || same(3, 4) || !same(4, 5) || same(5, 6) {
			t.Errorf("attempt ids %v, want the first three equal, and the fifth and sixth", a.ids)
		}
	})
}

func TestPauseAndResume(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		w, r := startWorker(t, q, "orders", ok)
		after(time.Second)
		w.Pause()
		w.Pause()
		after(20 * time.Second) // the poll under way ends
		q.send("orders", 20)
		after(time.Hour)
		q.want("orders", "20", "0")
		if err := w.Health(time.Minute); err != nil {
			t.Errorf("Health = %v while paused, want nil", err)
		}
		w.Resume()
		after(time.Second)
		q.want("orders", "0", "0")
		w.Pause()
		r.clean()
	})
}

func TestHealth(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		w, r := startWorker(t, f, "orders", ok)
		synctest.Wait()
		get := func() (int, string) {
			out := httptest.NewRecorder()
			worker.Healthz(w).ServeHTTP(out, httptest.NewRequest("GET", "/healthz", nil))
			return out.Code, out.Body.String()
		}
		if code, text := get(); code != 200 || text != "ok\n" {
			t.Errorf("%d %q, want 200 ok", code, text)
		}
		for range 100 {
			f.replies <- reply{err: errLost}
		}
		after(50 * time.Second)
		if code, _ := get(); code != 200 {
			t.Errorf("%d after 50 s of failures, want 200", code)
		}
		after(30 * time.Second)
		if code, text := get(); code != 503 || !strings.Contains(text, "orders") || !strings.Contains(text, errLost.Error()) {
			t.Errorf("%d %q after 80 s of failures, want 503 with queue and reason", code, text)
		}
		for len(f.replies) > 0 {
			<-f.replies
		}
		f.put(message("a", 1, "x"))
		after(11 * time.Second)
		if code, _ := get(); code != 200 {
			t.Errorf("%d after a success, want 200", code)
		}
		r.clean()
		if code, text := get(); code != 503 || !strings.Contains(text, "ended") {
			t.Errorf("%d %q after Run, want 503", code, text)
		}
	})
	if err := worker.New(newFake(), "orders", worker.HandlerFunc(ok)).Health(time.Minute); err == nil {
		t.Error("Health = nil before Run, want an error")
	}
}

func TestWorkersShareAPool(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "slow", "quick", "empty")
		q.send("slow", 500)
		p := worker.NewPool(20)
		shared := func(o *worker.Options) { o.Pool = p }
		var running gauge
		job := func(d time.Duration) worker.HandlerFunc {
			return func(ctx context.Context, m *worker.Message) error {
				running.add(1)
				defer running.add(-1)
				return wait(ctx, d)
			}
		}
		slow := start(t, q, "slow", job(3*time.Hour), shared)
		quick := start(t, q, "quick", job(10*time.Millisecond), shared)
		empty, emptyRun := startWorker(t, q, "empty", job(0), shared)
		after(time.Minute)
		q.send("quick", 1000)
		after(2 * time.Minute)
		q.want("quick", "0", "0") // although the others' handlers take hours
		if running.peak() > 22 {  // if the others began when all permits were taken
			t.Errorf("%d handlers at once, want at most 20, or one more for each worker that came late", running.peak())
		}
		if n := empty.Stats().Requests["ReceiveMessage"]; n > 12 {
			t.Errorf("%d receives from the empty queue in 3 minutes, want one each 20 s", n)
		}
		slow.stop()
		quick.clean()
		emptyRun.clean()
	})
}

func TestAPoolTooSmall(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "a", "b")
		p := worker.NewPool(1)
		shared := func(o *worker.Options) { o.Pool = p }
		w := start(t, q, "a", ok, shared)
		synctest.Wait()
		if err := worker.New(q, "b", worker.HandlerFunc(ok), shared).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "pool") {
			t.Errorf("Run = %v, want an error about the pool", err)
		}
		w.clean()
	})
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		queue  string
		values map[string]string
		err    error
		want   []string
	}{
		{"good", "orders", map[string]string{"VisibilityTimeout": "30", "RedrivePolicy": redrive(5), "MessageRetentionPeriod": "345600"}, nil, nil},
		{"denied", "orders", nil, apiError("AccessDenied"), []string{"cannot be read"}},
		{"no dead-letter queue", "orders", map[string]string{"VisibilityTimeout": "30"}, nil, []string{"no dead-letter queue"}},
		{"one receive", "orders", map[string]string{"VisibilityTimeout": "30", "RedrivePolicy": redrive(1)}, nil, []string{"maxReceiveCount is 1"}},
		{"short", "orders", map[string]string{"VisibilityTimeout": "1", "RedrivePolicy": redrive(5)}, nil, []string{"visibility timeout of 1s"}},
		{"zero", "orders", map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": redrive(5)}, nil, []string{"is 0"}},
		{"retention", "orders", map[string]string{"VisibilityTimeout": "30", "RedrivePolicy": redrive(5), "MessageRetentionPeriod": "60"}, nil, []string{"retention"}},
		{"two receives, FIFO", "jobs.fifo", map[string]string{"VisibilityTimeout": "30", "RedrivePolicy": redrive(2)}, nil, []string{"maxReceiveCount is 2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				f.attributes, f.attributesErr = test.values, test.err
				w := start(t, f, test.queue, ok, hooked(f))
				synctest.Wait()
				w.clean()
				var got []string
				for _, e := range f.of(worker.EventWarning) {
					got = append(got, e.Err.Error())
				}
				if len(got) != len(test.want) {
					t.Fatalf("warnings %q, want %d", got, len(test.want))
				}
				for i := range got {
					if !strings.Contains(got[i], test.want[i]) {
						t.Errorf("warning %q, want it to say %q", got[i], test.want[i])
					}
				}
			})
		})
	}
}

func redrive(n int) string {
	return fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":"%d"}`, n)
}

// The counts add up, whatever the outcome.
func TestStats(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders -> dead")
		q.send("orders", 8)
		w, r := startWorker(t, q, "orders", func(ctx context.Context, m *worker.Message) error {
			if m.Attempts > 1 {
				return nil
			}
			switch m.Body {
			case "0":
				return errLost
			case "1":
				return worker.Discard(errLost)
			case "2":
				return worker.DeadLetter(errLost)
			case "3":
				if m.Receives > 1 {
					return nil
				}
				return worker.Snooze(time.Minute)
			case "4":
				return wait(ctx, time.Hour)
			}
			return nil
		})
		after(10 * time.Minute)
		s := w.Stats()
		got := []int64{int64(s.Running), int64(s.Leases), int64(s.Waiting), s.Received, s.Done, s.Failed, s.Discarded, s.DeadLettered, s.Snoozed}
		if want := []int64{1, 1, 0, 10, 5, 1, 1, 1, 1}; !slices.Equal(got, want) {
			t.Errorf("running, leases, waiting, received, done, failed, discarded, dead-lettered, snoozed = %v, want %v", got, want)
		}
		total := int64(0)
		for _, n := range s.Requests {
			total += n
		}
		if c, want := s.Cost(worker.USEast1), float64(total)/7*0.40; c != want {
			t.Errorf("Cost = %v, want %v", c, want)
		}
		r.clean()
		s = w.Stats()
		if s.Running != 0 || s.Leases != 0 || s.Waiting != 0 || s.Undeleted != 0 || s.Interrupted != 1 {
			t.Errorf("%+v after a drain, want nothing left, and one interrupted", s)
		}
		q.want("orders", "1", "0")
		q.want("dead", "1", "0")
	})
}

// A repeated request asks for as many messages as the first: SQS answers with those of
// the first, and there must be room for them, and no more.
func TestARepeatedReceiveAsksForTheSame(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		var ms []types.Message
		for i := range 9 {
			ms = append(ms, grouped(fmt.Sprint("g", i), fmt.Sprint(i)))
		}
		f.put(ms...)
		start(t, f, "jobs.fifo", func(ctx context.Context, _ *worker.Message) error {
			return wait(ctx, 15*time.Second)
		}, concurrency(10))
		after(14 * time.Second) // the second receive, for the one permit left, is under way
		f.replies <- reply{err: errLost}
		after(5 * time.Second) // all permits are free
		f.mu.Lock()
		defer f.mu.Unlock()
		if want := []int32{10, 1, 1}; !slices.Equal(f.asked, want) {
			t.Errorf("receives asked for %v messages, want %v", f.asked, want)
		}
	})
}
