package worker_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

// An extension that is under way when the handler ends must not arrive after the
// delete or the backoff, and undo it.
func TestSettlingWaitsForTheExtensionUnderWay(t *testing.T) {
	t.Parallel()
	const company = 100 * time.Millisecond // is waited for
	for name, test := range map[string]struct {
		err  error
		asks []ask // after the extension
		done bool
	}{
		"done":       {nil, nil, true},
		"discarded":  {worker.Discard(errLost), nil, true},
		"RetryAfter": {worker.RetryAfter(30*sec, errLost), []ask{{at: 35*sec + company, seconds: 30}}, false},
		"Snooze":     {worker.Snooze(40 * sec), []ask{{at: 35*sec + company, seconds: 40}}, false},
		"at once":    {worker.RetryAfter(0, errLost), []ask{{at: 35 * sec, seconds: 0}}, false},
	} {
		for answer, err := range map[string]error{"taken": nil, "lost": errLost} {
			t.Run(name+"/"+answer, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					f := newTimed(message("a", 1, "x"))
					f.takes = func(a ask) time.Duration {
						if a.seconds == 60 {
							return 5 * sec
						}
						return 0
					}
					if err != nil {
						f.onChange = func(n int, in *sqs.ChangeMessageVisibilityBatchInput) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
							if n == 1 {
								return nil, err
							}
							return taken(in, func(string) *types.BatchResultErrorEntry { return nil }), nil
						}
					}
					w := start(t, f, "orders", func(context.Context, *worker.Message) error {
						time.Sleep(32 * sec)
						return test.err
					})
					after(35*sec - 1)
					if len(f.deleteRequests()) > 0 || len(f.askedFor()) != 1 {
						t.Errorf("deleted %v and changed %v before the extension was answered", f.deleteRequests(), f.askedFor())
					}
					after(2 * sec)
					want := []ask{{30 * sec, handle("a", 1), 60, 1}}
					for _, a := range test.asks {
						want = append(want, ask{a.at, handle("a", 1), a.seconds, 1})
					}
					f.wantAsks(t, want...)
					if deleted := len(f.deleted()) == 1; deleted != test.done {
						t.Errorf("deleted %v, want that to be %v", f.deleted(), test.done)
					}
					after(5 * time.Minute)
					w.clean()
					f.wantAsks(t, want...)
				})
			})
		}
	}
}

// The same with a drain that gives up on the handler.
func TestAbandoningWaitsForTheExtensionUnderWay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(message("a", 1, "x"))
		f.takes = func(a ask) time.Duration { return time.Duration(a.seconds/60) * 1500 * time.Millisecond }
		w := start(t, f, "orders", busyFor(time.Hour), func(o *worker.Options) { o.FlushTimeout = 10 * sec })
		time.Sleep(6 * sec) // so it is abandoned after 31 s
		var d *worker.DrainError
		if err := w.drain(); !errors.As(err, &d) || d.Abandoned != 1 {
			t.Errorf("Run = %v, want one handler abandoned", err)
		}
		f.wantAsks(t, ask{30 * sec, handle("a", 1), 60, 1}, ask{31500 * time.Millisecond, handle("a", 1), 0, 1})
		after(2 * time.Hour)
	})
}

// An extension of a message that has ended would keep it invisible, up to 12
// hours, for nobody. Whichever way a message goes, none is made.
func TestNoExtensionAfterTheEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func() error{
		"done":          func() error { return nil },
		"failed":        func() error { return worker.RetryAfter(time.Hour, errLost) },
		"panicked":      func() error { panic("failed") },
		"exited":        func() error { runtime.Goexit(); return nil },
		"snoozed":       func() error { return worker.Snooze(time.Hour) },
		"discarded":     func() error { return worker.Discard(errLost) },
		"dead-lettered": func() error { return worker.DeadLetter(errLost) },
	} {
		for _, queue := range []string{"orders", "jobs.fifo"} {
			t.Run(name+"/"+queue, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					f := newTimed(grouped("g", "a"), grouped("g", "sibling")).redrives("5")
					w := start(t, f, queue, func(_ context.Context, m *worker.Message) error {
						if m.ID == "sibling" {
							time.Sleep(40 * sec)
							return nil
						}
						time.Sleep(20 * sec)
						return end()
					}, func(o *worker.Options) {
						o.Policy.Retry = func(*worker.Message, error) time.Duration { return time.Hour }
					})
					after(5 * time.Minute)
					for _, a := range f.extensions() {
						if a.handle == handle("a", 1) {
							t.Errorf("extended after %v: its handler ended after 20 s", a.at)
						}
						if a.at > 70*sec {
							t.Errorf("%s was extended after %v, want nothing then", a.handle, a.at)
						}
					}
					w.clean()
				})
			})
		}
	}
}

// The same for messages left to SQS: nothing is asked for them at all.
func TestNoExtensionOfWhatIsLeft(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(message("a", 1, "x"))
		w := start(t, f, "orders", func(context.Context, *worker.Message) error { return errLost },
			func(o *worker.Options) { o.Policy.Retry = func(*worker.Message, error) time.Duration { return -1 } })
		after(5 * time.Minute)
		f.wantAsks(t)
		w.clean()
	})
}

// While a drain waits for one handler, what it has given back must not be extended.
func TestNoExtensionOfWhatADrainGaveBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(grouped("g", "1"), grouped("g", "sibling"), grouped("h", "polite"), grouped("i", "stubborn"))
		w := start(t, f, "jobs.fifo", func(ctx context.Context, m *worker.Message) error {
			switch m.ID {
			case "1":
				time.Sleep(29 * sec) // done
			case "polite":
				return wait(ctx, time.Hour) // until it is cancelled, after 25 s
			case "stubborn":
				time.Sleep(time.Hour) // abandoned after 65 s
			}
			return nil
		}, func(o *worker.Options) { o.CancelTimeout = 40 * sec })
		time.Sleep(5 * sec)
		if err := w.drain(); err == nil {
			t.Error("Run = nil, want an error: one handler is abandoned")
		}
		f.wantAsks(t,
			ask{5 * sec, handle("sibling", 1), 0, 1},
			ask{25 * sec, handle("polite", 1), 0, 1},
			ask{30 * sec, handle("stubborn", 1), 60, 1},
			ask{60 * sec, handle("stubborn", 1), 60, 1},
			ask{65 * sec, handle("stubborn", 1), 0, 1})
		after(2 * time.Hour)
	})
}

// What is deleted on sight, what was not asked for and what went back as its group
// stopped is nobody's either.
func TestNoExtensionOfWhatNeverRan(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newTimed(grouped("g", "1"), grouped("g", "2"), grouped("g", "3"))
		f.onDelete = func(n int, in *sqs.DeleteMessageBatchInput) (*sqs.DeleteMessageBatchOutput, error) {
			if n > 1 {
				return takenBut("", in), nil
			}
			return &sqs.DeleteMessageBatchOutput{Failed: []types.BatchResultErrorEntry{
				{Id: new("0"), Code: new("ReceiptHandleIsInvalid"), SenderFault: true},
			}}, nil
		}
		start(t, f, "jobs.fifo", func(_ context.Context, m *worker.Message) error {
			if m.ID == "2" {
				return worker.RetryAfter(time.Hour, errLost) // 3 goes back
			}
			return nil
		}, concurrency(2))
		after(sec)
		again := grouped("g", "1") // deleted on sight
		again.ReceiptHandle = new(handle("1", 2))
		f.put(again, grouped("h", "4"), grouped("i", "unasked"))
		after(5 * time.Minute)
		if as := f.extensions(); len(as) != 0 {
			t.Errorf("extensions %v, want none: nothing runs", as)
		}
		if !slices.Contains(f.deleted(), handle("1", 2)) || !slices.Contains(f.changed(), change{handle("unasked", 1), 0}) {
			t.Errorf("deleted %v and changed %v, want 1#2 deleted and what was not asked for released", f.deleted(), f.changed())
		}
	})
}

// Requests take their time. Between the end of a handler and the change that hides
// its message, nobody else may get it.
func TestLocalNoGapBeforeTheBackoff(t *testing.T) {
	t.Parallel()
	for name, took := range map[string]time.Duration{
		"an extension is under way": 4*time.Minute + 2*sec,
		"none is":                   4*time.Minute + 8*sec,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				q := newLocal(t, "orders")
				q.send("orders", 1)
				slow := slowRequests{q, 5 * sec}
				times := make(chan time.Time, 9)
				h := func(_ context.Context, m *worker.Message) error {
					times <- time.Now()
					if m.Receives > 1 {
						return nil
					}
					time.Sleep(took)
					return again(time.Minute)
				}
				w, other := start(t, slow, "orders", h), start(t, slow, "orders", h)
				after(10 * time.Minute)
				w.clean()
				other.clean()
				first, second := <-times, <-times
				if pause := second.Sub(first) - took; pause < time.Minute || pause > 70*sec || len(times) > 0 {
					t.Errorf("handled again %v after the first had failed, and %d times more: want once, after the backoff of a minute", pause, len(times))
				}
			})
		})
	}
}

// slowRequests delays what a worker says of messages.
type slowRequests struct {
	*local
	d time.Duration
}

func (s slowRequests) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, o ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	if err := wait(ctx, s.d); err != nil {
		return nil, err
	}
	return s.Server.ChangeMessageVisibilityBatch(ctx, in, o...)
}
