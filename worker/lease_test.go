package worker_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

// The fake queue's visibility timeout is 60 s, localqueue's 30 s.

const sec = time.Second

func TestLeasesAreExtendedAtHalfLifeByTens(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed()
		f.numbered(25)
		w := start(t, f, "orders", busyFor(100*sec), concurrency(30))
		after(5 * time.Minute)
		w.clean()
		requests := map[time.Duration][]int{}
		for _, a := range f.askedFor() {
			if a.seconds != 60 {
				t.Fatalf("extended %v, want by the queue's 60 s", a)
			}
			requests[a.at] = append(requests[a.at], a.of)
		}
		for _, at := range []time.Duration{30 * sec, 60 * sec, 90 * sec} {
			sizes := requests[at]
			slices.Sort(sizes)
			if want := slices.Concat(slices.Repeat([]int{5}, 5), slices.Repeat([]int{10}, 20)); !slices.Equal(sizes, want) {
				t.Errorf("after %v, extensions shared requests of %v entries, want 10, 10 and 5", at, sizes)
			}
		}
		if len(requests) != 3 {
			t.Errorf("extended at %d times, want 3: after 30, 60 and 90 s of 100", len(requests))
		}
		if got := slices.Compact(f.deleted()); len(got) != 25 {
			t.Errorf("%d messages deleted, want 25", len(got))
		}
	})
}

func TestExtensionsThatAreDueSoonGoAlong(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(message("a", 1, "x"))
		start(t, f, "orders", busyFor(50*sec))
		time.Sleep(5 * sec)
		f.put(message("b", 1, "x")) // its poll began with the first message
		after(50 * sec)
		f.wantAsks(t, ask{30 * sec, handle("a", 1), 60, 2}, ask{30 * sec, handle("b", 1), 60, 2})
	})
}

func TestLeasesCoverWaitingSiblings(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(fiveOfAGroup()...)
		w := start(t, f, "jobs.fifo", busyFor(25*sec), hooked(f.fake))
		after(3 * time.Minute)
		w.clean()
		var want []ask
		for at, first := range map[int]int{30: 2, 60: 3, 90: 4, 120: 5} {
			for i := first; i <= 5; i++ {
				want = append(want, ask{time.Duration(at) * sec, handle(strconv.Itoa(i), 1), 60, 6 - first})
			}
		}
		f.wantAsks(t, want...)
		if n := len(f.of(worker.EventHandled)); n != 5 || len(f.deleted()) != 5 {
			t.Errorf("%d messages handled and %d deleted, want 5 and 5", n, len(f.deleted()))
		}
	})
}

func TestLeasesCoverTheBuffer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed()
		w := start(t, f, "orders", func(_ context.Context, m *worker.Message) error {
			if m.Body == "slow" {
				time.Sleep(40 * sec)
			}
			return nil
		}, concurrency(1), hooked(f.fake), func(o *worker.Options) { o.Prefetch = 4 })
		for range 4 { // the buffer takes as many as were handled lately
			f.put(message("quick", 1, "quick"))
			after(sec)
		}
		began := time.Now()
		f.put(message("1", 1, "slow"), message("2", 1, "quick"), message("3", 1, "quick"))
		after(39 * sec)
		extended := map[string]bool{}
		for _, a := range f.askedFor() {
			extended[a.handle] = a.seconds == 60
		}
		for _, id := range []string{"1", "2", "3"} {
			if !extended[handle(id, 1)] {
				t.Errorf("message %s was not extended: one of three runs, two wait for its permit", id)
			}
		}
		after(2 * sec)
		w.clean()
		if n := len(f.of(worker.EventHandled)); n != 7 || time.Since(began) > 42*sec {
			t.Errorf("%d messages handled, want 7", n)
		}
	})
}

// A message becomes invisible before the reply arrives, so its time counts from
// before the request of an extension, and from some time before the reply to a receive.
func TestLeasesCountFromBeforeTheReply(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed()
		f.takes = func(ask) time.Duration { return 4 * sec }
		f.onChange = func(n int, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
			if n > 1 {
				return nil, errLost
			}
			return taken(in, func(string) *types.BatchResultErrorEntry { return nil }), nil
		}
		h, ends := untilEnded(nil)
		start(t, f, "orders", h, hooked(f.fake))
		time.Sleep(15 * sec)
		f.put(message("a", 1, "x")) // may be invisible since 0 s: due after 30 s
		// Extended between 30 s and 34 s: due after 60 s.
		end := <-ends
		synctest.Wait()
		asks := f.extensions()
		if len(asks) < 2 || asks[0].at != 40*sec || asks[1].at != 70*sec {
			t.Errorf("extended as %v, want after 40 and 70 s", asks)
		}
		if want := (ended{85 * sec, worker.ErrLeaseLost}); end != want {
			t.Errorf("the handler that began after 15 s was ended by %v, want %v: 60 s after the extension that was asked for after 40 s", end, want)
		}
	})
}

func TestPassingFailuresOfExtensionsAreRetriedUntilTheDeadline(t *testing.T) {
	t.Parallel()
	entry := &sqs.ChangeMessageVisibilityBatchOutput{Failed: []types.BatchResultErrorEntry{{Id: new("0"), Code: new("InternalError")}}}
	for name, answer := range map[string]struct {
		out *sqs.ChangeMessageVisibilityBatchOutput
		err error
	}{
		"network":          {nil, errLost},
		"throttled":        {nil, apiError("ThrottlingException")},
		"denied":           {nil, apiError("AccessDenied")},
		"entry":            {entry, nil},
		"not in the reply": {&sqs.ChangeMessageVisibilityBatchOutput{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Run("healed in time", func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					f := newTimed(message("a", 1, "x"))
					f.onChange = func(_ int, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
						if time.Since(f.began) < 57*sec {
							return answer.out, answer.err
						}
						return taken(in, func(string) *types.BatchResultErrorEntry { return nil }), nil
					}
					w := start(t, f, "orders", func(ctx context.Context, _ *worker.Message) error { return wait(ctx, 80*sec) }, hooked(f.fake))
					after(2 * time.Minute)
					w.clean()
					if es := f.of(worker.EventLeaseLost); len(es) != 0 || len(f.deleted()) != 1 {
						t.Errorf("%d leases lost and %d messages deleted, want 0 and 1: an extension came through after 57 of 60 s", len(es), len(f.deleted()))
					}
				})
			})
			t.Run("not healed", func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					f := newTimed(message("a", 1, "x"))
					f.onChange = func(int, *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
						return answer.out, answer.err
					}
					h, ends := untilEnded(errLost)
					start(t, f, "orders", h, hooked(f.fake))
					end := <-ends
					synctest.Wait()
					if want := (ended{60 * sec, worker.ErrLeaseLost}); end != want {
						t.Errorf("the handler was ended by %v, want %v", end, want)
					}
					n := len(f.askedFor())
					if n < 5 || n > 100 {
						t.Errorf("the extension was tried %d times in 30 s, want some, but no storm", n)
					}
					after(5 * time.Minute)
					if more := len(f.askedFor()) - n; more != 0 {
						t.Errorf("%d changes of visibility after the lease was lost, want none", more)
					}
					if es := f.of(worker.EventLeaseLost); len(es) != 1 || es[0].Message.ID != "a" {
						t.Errorf("lost leases %v, want that of a", es)
					}
				})
			})
		})
	}
}

func TestRefusedExtensionIsALostLease(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(message("a", 1, "x"), message("b", 1, "x"))
		f.onChange = func(_ int, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
			return taken(in, func(h string) *types.BatchResultErrorEntry {
				if h != handle("a", 1) {
					return nil
				}
				return &types.BatchResultErrorEntry{Code: new("MessageNotInflight"), SenderFault: true}
			}), nil
		}
		h, ends := untilEnded(worker.RetryAfter(0, errLost))
		w := start(t, f, "orders", func(ctx context.Context, m *worker.Message) error {
			if m.ID == "a" {
				return h(ctx, m)
			}
			return wait(ctx, 70*sec)
		}, hooked(f.fake))
		after(3 * time.Minute)
		w.clean()
		if end, want := <-ends, (ended{30 * sec, worker.ErrLeaseLost}); end != want {
			t.Errorf("the handler was ended by %v, want %v: at once", end, want)
		}
		f.wantAsks(t, ask{30 * sec, handle("a", 1), 60, 2}, ask{30 * sec, handle("b", 1), 60, 2}, ask{60 * sec, handle("b", 1), 60, 1})
		if got, want := f.deleted(), []string{handle("b", 1)}; !slices.Equal(got, want) {
			t.Errorf("deleted %v, want %v", got, want)
		}
	})
}

// SQS may refuse ten extensions for what is wrong with one.
func TestARefusedRequestOfExtensionsConcernsOneMessage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(message("a", 1, "x"), message("bad", 1, "x"), message("c", 1, "x"))
		f.onChange = func(_ int, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
			for _, e := range in.Entries {
				if *e.ReceiptHandle == handle("bad", 1) {
					return nil, apiError("ReceiptHandleIsInvalid")
				}
			}
			return taken(in, func(string) *types.BatchResultErrorEntry { return nil }), nil
		}
		w := start(t, f, "orders", func(ctx context.Context, _ *worker.Message) error { return wait(ctx, 70*sec) }, hooked(f.fake))
		after(3 * time.Minute)
		w.clean()
		if es := f.of(worker.EventLeaseLost); len(es) != 1 || es[0].Message.ID != "bad" {
			t.Errorf("lost leases %v, want that of bad alone", es)
		}
		if got, want := f.deleted(), []string{handle("a", 1), handle("c", 1)}; !slices.Equal(got, want) {
			t.Errorf("deleted %v, want %v", got, want)
		}
	})
}

// What a handler does although its lease is lost still counts as far as it can: it is
// deleted if nobody else has received it, and known to be done if somebody has.
func TestDoneAfterALostLease(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(message("a", 1, "x"))
		f.onChange = func(int, *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
			return nil, errLost
		}
		w := start(t, f, "orders", busyFor(70*sec), hooked(f.fake))
		after(71 * sec)
		f.put(message("a", 2, "x"))
		synctest.Wait()
		w.clean()
		if n := len(f.of(worker.EventHandled)); n != 1 {
			t.Errorf("handled %d times, want once", n)
		}
		if got, want := f.deleted(), []string{handle("a", 1), handle("a", 2)}; !slices.Equal(got, want) {
			t.Errorf("deleted %v, want %v", got, want)
		}
	})
}

// SQS may deliver one message twice: each delivery has a lease of its own, and the
// end of one ends nothing of the other.
func TestTwoDeliveriesOfAMessageAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(message("a", 1, "x"), message("a", 2, "x"))
		w := start(t, f, "orders", func(_ context.Context, m *worker.Message) error {
			if m.Receives == 1 {
				time.Sleep(20 * sec)
			} else {
				time.Sleep(100 * sec)
			}
			return worker.RetryAfter(time.Hour, errLost)
		})
		after(10 * time.Minute)
		w.clean()
		f.wantAsks(t,
			ask{20*sec + 100*time.Millisecond, handle("a", 1), 3600, 1}, // it waits for others, as a handler runs
			ask{30 * sec, handle("a", 2), 60, 1},
			ask{60 * sec, handle("a", 2), 60, 1},
			ask{90 * sec, handle("a", 2), 60, 1},
			ask{100 * sec, handle("a", 2), 3600, 1})
	})
}

// Over the queue itself: a handler of ten visibility timeouts runs once, and nobody
// else gets its message.
func TestLocalLongHandlersRunOnce(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{"orders", "jobs.fifo"} {
		t.Run(queue, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newLocal(t, queue)
				if strings.HasSuffix(queue, ".fifo") {
					q.send(queue, 3, "g", "h", "i", "j")
				} else {
					q.send(queue, 12)
				}
				var c tally
				f := newFake()
				h := func(ctx context.Context, m *worker.Message) error {
					c.add(m)
					return wait(ctx, 5*time.Minute)
				}
				w, other := start(t, q, queue, h, hooked(f)), start(t, q, queue, h, hooked(f))
				after(20 * time.Minute)
				w.clean()
				other.clean()
				c.each(t, 12, 1)
				q.want(queue, "0", "0")
				if n := len(f.of(worker.EventLeaseLost)); n != 0 {
					t.Errorf("%d leases lost, want none", n)
				}
			})
		})
	}
}
