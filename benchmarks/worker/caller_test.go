package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
)

// everybody are all callers.
var everybody = []caller{bare, atOnce, one, quayside}

// filled is a queue "orders" with so many messages.
func filled(t *testing.T, messages int) *localqueue.Server {
	t.Helper()
	s := localqueue.New()
	t.Cleanup(func() { _ = s.Close() })
	if err := remote.Create(t.Context(), s, "orders", time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := remote.Fill(t.Context(), s, "orders", messages, smallSize); err != nil {
		t.Fatal(err)
	}
	return s
}

// Every caller deletes all messages and returns.
func TestCallers(t *testing.T) {
	t.Parallel()
	for _, c := range everybody {
		synctest.Test(t, func(t *testing.T) {
			s := filled(t, 105)
			if err := c.handle(t.Context(), s, "orders", 105); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			if got, err := remote.Stats(s, "orders"); got.Deleted != 105 || err != nil {
				t.Errorf("%s deleted %d messages, %v", c.name, got.Deleted, err)
			}
		})
	}
}

// A caller that waits for a message that is not there ends with its context, and says so.
func TestCallersEnd(t *testing.T) {
	t.Parallel()
	for _, c := range everybody {
		synctest.Test(t, func(t *testing.T) {
			s := filled(t, 15)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := c.handle(ctx, s, "orders", 16); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", c.name, err)
			}
		})
	}
}

// stubborn is a client that deletes nothing: it refuses each message, or the request.
type stubborn struct {
	worker.Client
	err error
}

func (s stubborn) DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	code := "Stubborn"
	return &sqs.DeleteMessageBatchOutput{Failed: []types.BatchResultErrorEntry{{Code: &code}}}, s.err
}

// The loops by hand see every error.
func TestLoopsFail(t *testing.T) {
	t.Parallel()
	for want, refusal := range map[string]error{"a message was not deleted: Stubborn": nil, "away": errors.New("away")} {
		synctest.Test(t, func(t *testing.T) {
			c := stubborn{filled(t, 15), refusal}
			if err := bare.handle(t.Context(), c, "orders", 15); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
}

// A crowd knows how many were in it at once, and when that was.
func TestCrowd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newCrowd(2, 3*time.Second)
		h.begin()
		for range 2 {
			time.Sleep(time.Second)
			go func() { _ = h.handle(t.Context(), nil) }()
		}
		<-h.full
		if got := h.reached(); got != (climb{2, 2}) {
			t.Errorf("got %+v, want 2 after 2 s", got)
		}
		time.Sleep(2 * time.Second) // the first ends after three, at four
		synctest.Wait()
		_ = h.handle(t.Context(), nil)
		if got := h.reached(); got != (climb{2, 2}) || h.handled != 3 {
			t.Errorf("got %+v, and %d handled; want no more at once, and 3", got, h.handled)
		}
	})
}

// Those who hold messages wait for the crowd the first time only.
func TestCrowdHolds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, start := newCrowd(2, 3*time.Second), time.Now()
		first := make(chan time.Duration)
		go func() {
			_ = h.hold(t.Context(), &worker.Message{})
			first <- time.Since(start)
		}()
		time.Sleep(5 * time.Second)
		go func() { _ = h.hold(t.Context(), &worker.Message{}) }()
		if got := <-first; got != 8*time.Second {
			t.Errorf("the first was held for %v, want 8s", got)
		}
		synctest.Wait()
		_ = h.hold(t.Context(), &worker.Message{})
		if got := time.Since(start); got != 11*time.Second || h.handled != 3 {
			t.Errorf("%d were held until %v, want 3 until 11s", h.handled, got)
		}
	})
}
