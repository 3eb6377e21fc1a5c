package worker_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

// A message whose lease was lost does not wait for what the next delivery of it holds.
func TestALostMessageDoesNotWaitForTheGates(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(grouped("g", "0"))
		f.onChange = func(_ int, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
			return taken(in, func(h string) *types.BatchResultErrorEntry {
				if h == handle("0", 1) {
					return &types.BatchResultErrorEntry{Code: new("MessageNotInflight"), SenderFault: true}
				}
				return nil
			}), nil
		}
		b := worker.NewBreaker(func(o *worker.BreakerOptions) { o.Failures, o.Window, o.CoolDown = 1, 1, sec })
		j := newJournal()
		w := start(t, f, "jobs.fifo", func(ctx context.Context, m *worker.Message) error {
			j.add(m)
			if m.Receives > 1 {
				return nil
			}
			time.Sleep(28 * sec)
			return again(4 * sec)
		}, concurrency(2), gated(b))
		after(28*sec + sec/2)
		f.replies <- reply{} // the next poll is to try the open breaker
		after(2*sec + sec/2)
		if b.State() != worker.BreakerHalfOpen {
			t.Fatalf("the breaker is %s", b.State())
		}
		f.put(received("g", "0", 2))
		after(time.Hour)
		j.mu.Lock()
		lines := strings.Join(j.lines, ", ")
		j.mu.Unlock()
		if b.State() != worker.BreakerClosed || !strings.Contains(lines, "0/2/") {
			t.Errorf("an hour after its lease was lost, the message that came again was not handled (%s), and the breaker is %s", lines, b.State())
		}
		w.clean()
	})
}

// A message that waits for a closed gate and is lost gives its permit back.
func TestALostMessageThatWaitsGivesItsPermitBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(grouped("g", "0"), grouped("g", "1"))
		f.onChange = func(_ int, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
			return taken(in, func(h string) *types.BatchResultErrorEntry {
				return &types.BatchResultErrorEntry{Code: new("MessageNotInflight"), SenderFault: true}
			}), nil
		}
		var s worker.Switch
		w, r := startWorker(t, f, "jobs.fifo", func(context.Context, *worker.Message) error { s.Pause(); return nil }, concurrency(2), gated(&s), hooked(f.fake))
		after(time.Hour)
		st := w.Stats()
		if n := len(f.of(worker.EventReleased)); st.LostLeases != 1 || st.Waiting != 0 || n != 1 {
			t.Errorf("%d lost, %d waiting, %d released: want the lost message gone", st.LostLeases, st.Waiting, n)
		}
		r.clean()
	})
}

// slowToStop is a queue whose polls take a while to be cancelled.
type slowToStop struct{ *timed }

func (s slowToStop) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, o ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	out, err := s.timed.ReceiveMessage(ctx, in, o...)
	if err != nil {
		time.Sleep(sec)
	}
	return out, err
}

// A drain that gives back what waits for a gate gives back what came later of its group.
func TestADrainDoesNotOvertakeWhatWaitedForAGate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(grouped("g", "0"), grouped("g", "1"))
		var s worker.Switch
		j := newJournal()
		w := start(t, slowToStop{f}, "jobs.fifo", func(ctx context.Context, m *worker.Message) error {
			j.add(m)
			time.Sleep(5 * sec)
			s.Pause()
			return nil
		}, concurrency(5), gated(&s))
		after(sec)
		f.put(grouped("g", "2")) // of a queue that is less strict
		after(4*sec + sec/2)
		w.clean()
		j.want(t, "0/1/1 after 0s")
	})
}
