package producer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/producer"
)

func TestSendAll(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{onSend: refuse("3")}
		ms := numbered(25)
		ms[7].Body = ""
		results, err := producer.New(f, byURL).SendAll(t.Context(), ms...)
		for i, r := range results {
			if bad := i == 3 || i == 7; bad != (r.Err != nil) || !bad && r.ID != "id of "+ms[i].Body {
				t.Errorf("result %d is %+v", i, r)
			}
		}
		var api smithy.APIError
		want := `producer: send to "orders": 2 of 25 messages failed; message 3: `
		if err == nil || !strings.HasPrefix(err.Error(), want) || !errors.As(err, &api) {
			t.Errorf("SendAll = %v, want an error that begins with %q and holds SQS's", err, want)
		}
		got := f.sizes()
		slices.Sort(got)
		if want := []int{5, 9, 10}; !slices.Equal(got, want) {
			t.Errorf("requests of %v messages, want %v", got, want)
		}
		if rs, err := producer.New(f, byURL).SendAll(t.Context()); len(rs) != 0 || err != nil {
			t.Errorf("SendAll of nothing = %v, %v", rs, err)
		}
	})
}

// refuse is a reply that refuses the messages with these bodies.
func refuse(bodies ...string) func(int, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
	return func(_ int, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
		return answer(in, true, bodies...), nil
	}
}

// answer takes all of in but the messages with these bodies.
func answer(in *sqs.SendMessageBatchInput, senderFault bool, bodies ...string) *sqs.SendMessageBatchOutput {
	out := &sqs.SendMessageBatchOutput{}
	for _, s := range taken(in).Successful {
		if body := strings.TrimPrefix(*s.MessageId, "id of "); slices.Contains(bodies, body) {
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: s.Id, Code: new("NotToday"), SenderFault: senderFault})
		} else {
			out.Successful = append(out.Successful, s)
		}
	}
	return out
}

func TestSendAllEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		p := producer.New(f, byURL, func(o *producer.Options) { o.Concurrency, o.MaxPending = 1, 5 })
		began := time.Now()
		rs, err := p.SendAll(ctx, numbered(100)...)
		if took := time.Since(began); took != time.Second/2 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("SendAll = %v after %v, want DeadlineExceeded after 500ms", err, took)
		}
		for i, r := range rs {
			want := "not sent"
			if i < 5 { // for which there was room, in the first request
				want = "may have been sent"
			}
			if r.Err == nil || !strings.Contains(r.Err.Error(), want) {
				t.Errorf("result %d is %v, want %s", i, r.Err, want)
			}
		}
		if err := p.Close(t.Context()); err != nil || !p.Idle() {
			t.Errorf("Close = %v, idle %v", err, p.Idle())
		}
	})
}

func TestSendAsync(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{onSend: refuse("b")}
		p := producer.New(f, byURL)
		began := time.Now()
		a, b := p.SendAsync(t.Context(), producer.Message{Body: "a"}), p.SendAsync(t.Context(), producer.Message{Body: "b"})
		bad := p.SendAsync(t.Context(), producer.Message{})
		if took := time.Since(began); took != 0 {
			t.Errorf("SendAsync took %v, want no time", took)
		}
		select {
		case <-bad.Done():
		default:
			t.Error("a message that is wrong is not answered at once")
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		if _, err := a.Wait(short); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "not answered yet") {
			t.Errorf("Wait with a short context = %v", err)
		}
		<-a.Done()
		if s, err := a.Wait(short); s.ID != "id of a" || err != nil {
			t.Errorf("Wait = %+v, %v, want the answer though the context has ended", s, err)
		}
		if _, err := b.Wait(t.Context()); !errors.As(err, new(smithy.APIError)) || !strings.HasPrefix(err.Error(), `producer: send to "orders": `) {
			t.Errorf("Wait = %v, want SQS's refusal", err)
		}
		if err := p.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := p.SendAsync(t.Context(), producer.Message{Body: "c"}).Wait(t.Context()); err != producer.ErrClosed {
			t.Errorf("after Close = %v, want ErrClosed", err)
		}
	})
}

// The contexts of SendAsync are the messages': they are given up when it ends.
func TestSendAsyncEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		p := producer.New(f, byURL, func(o *producer.Options) { o.Concurrency = 1 })
		ctx, cancel := context.WithCancel(t.Context())
		flying := p.SendAsync(ctx, producer.Message{Body: "flying"})
		waiting := p.SendAsync(context.WithValue(ctx, &cancel, 1), producer.Message{Body: "waiting"})
		other := p.SendAsync(t.Context(), producer.Message{Body: "other"})
		time.Sleep(time.Second / 2)
		cancel()
		synctest.Wait()
		for pending, want := range map[*producer.Pending]string{flying: "may have been sent", waiting: "not sent"} {
			select {
			case <-pending.Done():
			default:
				t.Fatalf("not answered at once, want %s", want)
			}
			if _, err := pending.Wait(t.Context()); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), want) {
				t.Errorf("Wait = %v, want Canceled and %s", err, want)
			}
		}
		if _, err := other.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		if got, want := fmt.Sprint(f.requests), "[[flying] [other]]"; got != want {
			t.Errorf("requests %s, want %s", got, want)
		}
		synctest.Wait()
		if !p.Idle() {
			t.Error("not idle")
		}
	})
}

// Calls wait for room in their order; what is given up makes room.
func TestRoom(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]func(*producer.Options){
		"messages": func(o *producer.Options) { o.MaxPending = 2 },
		"bytes":    func(o *producer.Options) { o.MaxPendingBytes = 5 },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := &fake{}
				p := producer.New(f, byURL, option, func(o *producer.Options) { o.Concurrency = 1 })
				first := p.SendAsync(t.Context(), producer.Message{Body: "m0"}) // leaves
				brief, cancel := context.WithTimeout(t.Context(), time.Second/2)
				defer cancel()
				p.SendAsync(brief, producer.Message{Body: "m1"}) // waits to leave
				var mu sync.Mutex
				var order []string
				so := func() int {
					mu.Lock()
					defer mu.Unlock()
					return len(order)
				}
				for i := range 3 {
					go func() {
						p.SendAsync(t.Context(), producer.Message{Body: fmt.Sprint("n", i)})
						mu.Lock()
						defer mu.Unlock()
						order = append(order, fmt.Sprint("n", i))
					}()
					synctest.Wait()
				}
				if n := so(); n != 0 {
					t.Errorf("%d did not wait for room", n)
				}
				time.Sleep(time.Second / 2)
				synctest.Wait()
				if n := so(); n != 1 {
					t.Errorf("%d got room, want one in the place of the message given up", n)
				}
				<-first.Done()
				synctest.Wait()
				if err := p.Close(t.Context()); err != nil {
					t.Error(err)
				}
				synctest.Wait()
				mu.Lock()
				defer mu.Unlock()
				if got, want := fmt.Sprint(order), "[n0 n1 n2]"; got != want {
					t.Errorf("room was given to %s, want %s", got, want)
				}
				if got, want := fmt.Sprint(f.requests), "[[m0] [n0 n1] [n2]]"; got != want {
					t.Errorf("requests %s, want %s", got, want)
				}
			})
		})
	}
}

// A message that alone is more than may be pending is sent when nothing else is.
func TestRoomForALargeMessage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		p := producer.New(f, byURL, func(o *producer.Options) { o.MaxPendingBytes = 5 })
		if _, err := p.SendAll(t.Context(), producer.Message{Body: "a"}, producer.Message{Body: "too large"}, producer.Message{Body: "b"}); err != nil {
			t.Error(err)
		}
		if got, want := fmt.Sprint(f.requests), "[[a] [too large] [b]]"; got != want {
			t.Errorf("requests %s, want %s", got, want)
		}
	})
}

func TestLinger(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		p := producer.New(f, byURL, func(o *producer.Options) { o.Linger = 100 * time.Millisecond })
		began := time.Now()
		a := p.SendAsync(t.Context(), producer.Message{Body: "a"})
		time.Sleep(60 * time.Millisecond)
		b := p.SendAsync(t.Context(), producer.Message{Body: "b"})
		<-a.Done()
		<-b.Done()
		if took := time.Since(began); took != 1100*time.Millisecond {
			t.Errorf("answered after %v, want the linger of the first and a request, 1.1s", took)
		}
		began = time.Now()
		if _, err := p.SendAll(t.Context(), numbered(10)...); err != nil || time.Since(began) != time.Second {
			t.Errorf("SendAll of ten = %v after %v, want a request's time: it is full", err, time.Since(began))
		}
		p.SendAsync(t.Context(), producer.Message{Body: "c"})
		began = time.Now()
		if err := p.Close(t.Context()); err != nil || time.Since(began) != time.Second {
			t.Errorf("Close = %v after %v, want a request's time: nothing lingers", err, time.Since(began))
		}
		if got, want := f.sizes(), []int{2, 10, 1}; !slices.Equal(got, want) {
			t.Errorf("requests of %v messages, want %v", got, want)
		}
	})
}

// While a request is under way, messages wait for company, but not for one that hangs.
func TestARequestThatHangsHoldsUpNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := &fake{}
		p := producer.New(f, byURL)
		began := time.Now()
		p.SendAsync(t.Context(), producer.Message{Body: "a"})
		if _, err := p.SendAll(t.Context(), numbered(3)...); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 1020*time.Millisecond {
			t.Errorf("SendAll took %v, want 20ms and a request", took)
		}
		if got, want := f.sizes(), []int{1, 3}; !slices.Equal(got, want) {
			t.Errorf("requests of %v messages, want %v", got, want)
		}
	})
}

func TestWrongOptions(t *testing.T) {
	t.Parallel()
	for want, option := range map[string]func(*producer.Options){
		"Linger is -1ns": func(o *producer.Options) { o.Linger = -1 }, "Concurrency is -1": func(o *producer.Options) { o.Concurrency = -1 },
		"Tries is -1": func(o *producer.Options) { o.Tries = -1 }, "MaxPending is -1": func(o *producer.Options) { o.MaxPending = -1 },
		"MaxPendingBytes is -1": func(o *producer.Options) { o.MaxPendingBytes = -1 }, "an option is nil": nil,
	} {
		p := producer.New(&fake{}, byURL, option)
		if _, err := p.Send(t.Context(), producer.Message{Body: "b"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Send = %v, want %q", err, want)
		}
		if err := p.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
