package producer_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/producer"
)

// Only what failed is sent again, and all of it: delay, group and attributes too.
func TestOnlyFailedEntriesAreTriedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var entries []types.SendMessageBatchRequestEntry
		f := &fake{onSend: func(n int, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			for _, e := range in.Entries {
				if *e.MessageBody == "1" {
					e.Id = nil
					entries = append(entries, e)
				}
			}
			if n <= 3 {
				return answer(in, false, "1"), nil
			}
			return taken(in), nil
		}}
		ms := numbered(3)
		ms[1].Delay, ms[1].Group, ms[1].Attributes, ms[1].TraceHeader = time.Minute, "g", attribute("v"), "Root=1"
		var events []producer.Event
		p := producer.New(f, byURL, func(o *producer.Options) {
			o.Linger = time.Millisecond
			o.Hook = func(_ context.Context, e producer.Event) { events = append(events, e) }
		})
		began := time.Now()
		if _, err := p.SendAll(t.Context(), ms...); err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprint(f.requests), "[[0 1 2] [1] [1] [1]]"; got != want {
			t.Errorf("requests %s, want %s", got, want)
		}
		for _, e := range entries {
			if !reflect.DeepEqual(e, entries[0]) || e.DelaySeconds != 60 || len(e.MessageAttributes) != 1 {
				t.Errorf("sent again as %+v, want %+v", e, entries[0])
			}
		}
		if waited := time.Since(began) - 4*time.Second; waited < 350*time.Millisecond || waited > 710*time.Millisecond {
			t.Errorf("waited %v in all, want half to all of 100, 200 and 400 ms", waited)
		}
		if len(events) != 4 || events[3].Refused != nil || len(events[2].Refused) != 1 || events[2].Messages[0].Body != "1" {
			t.Errorf("the hook was told %+v, want an event for each try", events)
		}
	})
}

func TestTriesAreBounded(t *testing.T) {
	t.Parallel()
	lost := errors.New("connection reset")
	throttled := &smithy.GenericAPIError{Code: "ThrottlingException", Fault: smithy.FaultClient}
	denied := &smithy.GenericAPIError{Code: "AccessDenied", Fault: smithy.FaultClient}
	for name, test := range map[string]struct {
		reply func(int, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error)
		tries int
		want  string
	}{
		"lost":      {func(int, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) { return nil, lost }, 3, "after 3 tries: unanswered, may have been sent: connection reset"},
		"throttled": {func(int, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) { return nil, throttled }, 3, "after 3 tries: api error ThrottlingException"},
		"entry": {func(_ int, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			return answer(in, false, "b"), nil
		}, 3, "after 3 tries: api error NotToday"},
		"unmentioned": {func(int, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) { return nil, nil }, 3, "after 3 tries: unanswered, may have been sent: the reply does not mention"},
		"denied":      {func(int, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) { return nil, denied }, 1, `send to "orders": api error AccessDenied`},
		"refused":     {refuse("b"), 1, `send to "orders": api error NotToday`},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := &fake{onSend: test.reply}
				p := producer.New(f, byURL, func(o *producer.Options) { o.Tries = 3 })
				_, err := p.Send(t.Context(), producer.Message{Body: "b"})
				if err == nil || !strings.Contains(err.Error(), test.want) || len(f.requests) != test.tries {
					t.Errorf("Send = %v after %d requests, want %q after %d", err, len(f.requests), test.want, test.tries)
				}
				synctest.Wait()
				if !p.Idle() {
					t.Error("the producer is not idle")
				}
			})
		})
	}
}

// The caller's context ends what waits to be tried again, and the error says what is known.
func TestContextEndsRetries(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"unanswered, may have been sent: context deadline exceeded (try 1: ": errors.New("connection reset"),
		"not sent: context deadline exceeded (try 1: ":                       &types.RequestThrottled{},
	} {
		ends := func(t *testing.T) {
			f := &fake{onSend: func(int, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) { return nil, err }}
			p := producer.New(f, byURL)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second+10*time.Millisecond)
			defer cancel()
			_, got := p.Send(ctx, producer.Message{Body: "b"})
			if !errors.Is(got, context.DeadlineExceeded) || !errors.Is(got, err) || !strings.Contains(got.Error(), want) {
				t.Errorf("Send = %v, want %q", got, want)
			}
			time.Sleep(time.Minute)
			if len(f.requests) != 1 || !p.Idle() {
				t.Errorf("%d requests, want one; idle %v", len(f.requests), p.Idle())
			}
		}
		t.Run(fmt.Sprintf("%T", err), func(t *testing.T) { bubble(t, ends) })
	}
}

// A message of a group waits for those before it, tried again or not; other groups do not.
func TestGroupsKeepTheirOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{onSend: func(n int, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			if n == 1 {
				return nil, errors.New("connection reset")
			}
			return taken(in), nil
		}}
		p := producer.New(f, byURL+".fifo")
		var all []*producer.Pending
		for _, body := range []string{"a1", "a2", "b1", "a3", "c1", "b2"} {
			all = append(all, p.SendAsync(t.Context(), producer.Message{Body: body, Group: body[:1]}))
		}
		for _, pending := range all {
			if _, err := pending.Wait(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if got, want := fmt.Sprint(f.requests), "[[a1] [b1 b2 c1] [a1 a2 a3]]"; got != want {
			t.Errorf("requests %s, want %s", got, want)
		}
	})
}

// What would overtake a stored message of its group is not tried again.
func TestNothingIsTriedAgainBehindItsSuccessor(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{onSend: func(n int, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			if n == 1 {
				return answer(in, false, "1", "2", "4"), nil
			}
			return taken(in), nil
		}}
		ms := numbered(5)
		for i := range ms {
			ms[i].Group = "g"
		}
		ms[1].Group = "other"
		p := producer.New(f, byURL+".fifo", func(o *producer.Options) { o.Linger = time.Millisecond })
		rs, _ := p.SendAll(t.Context(), ms...)
		for i, r := range rs {
			if (r.Err != nil) != (i == 2) {
				t.Errorf("result %d is %v", i, r.Err)
			}
		}
		if err := rs[2].Err; err == nil || !strings.Contains(err.Error(), "a later message of its group is stored") {
			t.Errorf("the one overtaken got %v", err)
		}
		got := slices.Concat(f.requests[1:]...)
		slices.Sort(got)
		if fmt.Sprint(got) != "[1 4]" {
			t.Errorf("requests %v, want 1 and 4 again", f.requests)
		}
	})
}

// Throttling holds everything back: what waits does not use up its tries meanwhile.
func TestThrottlingHoldsRequestsBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		until := time.Now().Add(20 * time.Second)
		f := &fake{onSend: func(_ int, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			if time.Now().Before(until) {
				return nil, &types.RequestThrottled{}
			}
			return taken(in), nil
		}}
		p := producer.New(f, byURL, func(o *producer.Options) { o.Tries = 20 })
		if _, err := p.SendAll(t.Context(), numbered(200)...); err != nil {
			t.Error(err)
		}
		if n := len(f.requests); n > 20+16+40 {
			t.Errorf("%d requests were made, want few while throttled, and 20", n)
		}
	})
}

func TestLookUpIsTriedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{urlErr: errors.New("connection reset")}
		p := producer.New(f, "orders")
		pending := p.SendAsync(t.Context(), producer.Message{Body: "b"})
		time.Sleep(time.Second + time.Millisecond)
		f.mu.Lock()
		f.urlErr = nil
		f.mu.Unlock()
		if _, err := pending.Wait(t.Context()); err != nil || f.lookups != 2 {
			t.Errorf("Wait = %v after %d look-ups, want nil after 2", err, f.lookups)
		}
		f = &fake{urlErr: errors.New("connection reset")}
		p = producer.New(f, "orders", func(o *producer.Options) { o.Tries = 3 })
		if _, err := p.Send(t.Context(), producer.Message{Body: "b"}); err == nil || f.lookups != 3 {
			t.Errorf("Send = %v after %d look-ups, want an error after 3", err, f.lookups)
		}
	})
}

// The middleware is called in the caller's goroutine, and hears of the answer before others.
func TestMiddlewareOfAllForms(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var log []string
		f := &fake{}
		p := producer.New(f, byURL, func(o *producer.Options) { o.Middleware = []producer.Middleware{noting(&log, "a", nil)} })
		if _, err := p.Send(t.Context(), producer.Message{Body: "1"}); err != nil {
			t.Error(err)
		}
		if _, err := p.SendAll(t.Context(), producer.Message{Body: "2"}, producer.Message{Body: "\x00"}); err == nil {
			t.Error("SendAll = nil")
		}
		pending := p.SendAsync(t.Context(), producer.Message{Body: "4"})
		<-pending.Done()
		<-p.SendAsync(t.Context(), producer.Message{Body: "\x00"}).Done()
		want := "a 1|a true <nil>|a 2|a \x00|a true <nil>|a false the body has the character U+0000, at byte 0, which SQS does not take|" +
			"a 4|a true <nil>|a \x00|a false the body has the character U+0000, at byte 0, which SQS does not take"
		if got := strings.Join(log, "|"); got != want {
			t.Errorf("the middleware was called\n%q, want\n%q", got, want)
		}
	})
}

// A FIFO queue remembers messages for five minutes; what may be stored is not sent later.
func TestNothingIsTriedAgainOnceTheQueueHasForgottenIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{onSend: func(int, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			return nil, errors.New("connection reset")
		}}
		p := producer.New(f, byURL+".fifo", func(o *producer.Options) { o.Tries = 1000 })
		began := time.Now()
		_, err := p.Send(t.Context(), producer.Message{Body: "b", Group: "g"})
		if took := time.Since(began); err == nil || took < 4*time.Minute || took > 5*time.Minute-30*time.Second {
			t.Errorf("Send = %v after %v, want an error after 4 minutes, and well before 5", err, took)
		}
	})
}

// Who recovers from a panic of the hook finds the producer as it was.
func TestPanicInTheHook(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		panics := true
		p := producer.New(f, byURL, func(o *producer.Options) {
			o.Hook = func(context.Context, producer.Event) {
				if panics {
					panic("hook")
				}
			}
		})
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the hook's panic does not reach the caller")
				}
			}()
			p.Send(t.Context(), producer.Message{Body: "a"})
		}()
		panics = false
		if _, err := p.Send(t.Context(), producer.Message{Body: "b"}); err != nil || !p.Idle() {
			t.Errorf("Send = %v, idle %v", err, p.Idle())
		}
	})
}

// A Send that makes its request itself sends its own message, and only if that may leave:
// here, at the instant at which another message is due, one of its group is under way.
func TestSendMakesNoRequestOutOfTurn(t *testing.T) {
	t.Parallel()
	for range 50 { // the timer may be first
		synctest.Test(t, func(t *testing.T) {
			f := &fake{}
			p := producer.New(f, byURL+".fifo")
			p.SendAsync(t.Context(), producer.Message{Body: "a1", Group: "a"})
			b := p.SendAsync(t.Context(), producer.Message{Body: "b", Group: "b"})
			time.Sleep(20 * time.Millisecond)
			began := time.Now()
			if _, err := p.Send(t.Context(), producer.Message{Body: "a2", Group: "a"}); err != nil || time.Since(began) < 1900*time.Millisecond {
				t.Errorf("Send = %v after %v, want nil after the request with a1 and its own", err, time.Since(began))
			}
			if _, err := b.Wait(t.Context()); err != nil {
				t.Error(err)
			}
			if got, want := fmt.Sprint(f.requests), "[[a1] [b] [a2]]"; got != want {
				t.Errorf("requests %s, want %s", got, want)
			}
		})
	}
}
