package worker_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/worker"
)

// unreliable is a queue behind a bad network: a fifth of the calls never
// arrive, a fifth are carried out but their reply is lost, and some are
// throttled.
type unreliable struct {
	*local
	*luck
}

// luck is randomness that a failing test can be run with again.
type luck struct {
	mu     sync.Mutex
	random *rand.Rand
}

// newLuck draws a seed, which the test reports if it fails. To run it with that
// seed again, set it here.
func newLuck(t *testing.T) *luck {
	seed := rand.Uint64()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	})
	return &luck{random: rand.New(rand.NewPCG(seed, 0))}
}

func (l *luck) n(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.random.IntN(n)
}

func (l *luck) upTo(d time.Duration) time.Duration { return time.Duration(l.n(int(d))) }

var errReply = &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}

func try[I, O any](ctx context.Context, l *luck, in *I, call func(context.Context, *I, ...func(*sqs.Options)) (*O, error)) (*O, error) {
	time.Sleep(l.upTo(20 * time.Millisecond))
	switch l.n(20) {
	case 0, 1, 2, 3:
		return nil, errReply
	case 4, 5, 6, 7:
		if _, err := call(ctx, in); err != nil {
			return nil, err
		}
		return nil, errReply
	case 8:
		return nil, apiError("ThrottlingException")
	}
	return call(ctx, in)
}

func (u unreliable) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	return try(ctx, u.luck, in, u.Server.ReceiveMessage)
}

func (u unreliable) DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	return try(ctx, u.luck, in, u.Server.DeleteMessageBatch)
}

func (u unreliable) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	return try(ctx, u.luck, in, u.Server.ChangeMessageVisibilityBatch)
}

// A worker makes up for a bad network: each message is done, and none twice,
// because what SQS delivers again after a lost delete is recognized.
func TestBadNetworkLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{"orders", "jobs.fifo"} {
		t.Run(queue, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newLocal(t, queue)
				if queue == "jobs.fifo" {
					q.send(queue, 20, "a", "b", "c", "d", "e")
				} else {
					q.send(queue, 100)
				}
				var done, failed tally
				luck := newLuck(t)
				w := start(t, unreliable{q, luck}, queue, func(ctx context.Context, m *worker.Message) error {
					if err := wait(ctx, luck.upTo(time.Second)); err != nil {
						return err
					}
					if luck.n(5) == 0 && failed.add(m) == 1 {
						return worker.RetryAfter(luck.upTo(time.Minute), errLost)
					}
					done.add(m)
					return nil
				})
				after(12 * time.Hour)
				w.clean()
				done.each(t, 100, 1)
				q.want(queue, "0", "0")
			})
		})
	}
}

// slowLoss is a queue that carries out the first change of visibility, and loses the reply
// only after a while.
type slowLoss struct {
	*local
	lost atomic.Bool
}

func (s *slowLoss) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, o ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	out, err := s.local.ChangeMessageVisibilityBatch(ctx, in, o...)
	if s.lost.CompareAndSwap(false, true) {
		time.Sleep(2 * sec)
		return nil, errReply
	}
	return out, err
}

// A change that may have been made is not asked for once more when the message may have
// come again: the old receipt handle would take it away from its handler.
func TestADoubtfulChangeIsNotRepeatedTooLate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		q := newLocal(t, "orders")
		q.send("orders", 1)
		f := newFake()
		var handled tally
		w := start(t, &slowLoss{local: q}, "orders", func(_ context.Context, m *worker.Message) error {
			if handled.add(m) == 1 {
				return worker.RetryAfter(sec, errLost)
			}
			time.Sleep(10 * sec)
			return nil
		}, hooked(f))
		after(time.Minute)
		w.clean()
		handled.each(t, 1, 2)
		q.want("orders", "0", "0")
		if es := f.of(worker.EventUnsettled); len(es) != 1 || es[0].Err == nil {
			t.Errorf("unsettled events %v, want one, which says why", es)
		}
	})
}
