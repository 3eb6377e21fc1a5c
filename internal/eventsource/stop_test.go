package eventsource_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/quayside-go/quayside/internal/eventsource"
)

// TestStop ends a mapping while a batch is handled and another one gathered: the first is
// handled to its end and deleted, the second visible at once.
func TestStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders")
		f := newFake(2, func(context.Context, events.SQSEvent) ([]byte, error) {
			time.Sleep(2 * time.Second)
			return nil, nil
		})
		m := open(t, q, "orders", func(o *eventsource.Options) { o.BatchSize, o.Window = 4, 10*time.Second })
		send(t, q, "orders", "", 6)
		stop := run(t, m, f)
		time.Sleep(time.Second)
		wantCounts(t, q, "orders", 0, 6)
		began := time.Now()
		stop()
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %v to stop, want the second that was left", took)
		}
		wantCounts(t, q, "orders", 2, 0)
		if got := f.seen(); len(got) != 1 || len(got[0]) != 4 {
			t.Errorf("invoked with %v", got)
		}
	})
}

// TestStopHeld ends a mapping that holds back what did not fit into a batch: it is visible at once.
func TestStopHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders")
		f := newFake(1, func(context.Context, events.SQSEvent) ([]byte, error) {
			time.Sleep(time.Second)
			return nil, nil
		})
		for range 8 {
			sendBody(t, q, "orders", "", strings.Repeat(`"`, 1<<19)) // five fit
		}
		stop := run(t, open(t, q, "orders"), f)
		synctest.Wait()
		wantCounts(t, q, "orders", 0, 8)
		stop()
		wantCounts(t, q, "orders", 3, 0)
	})
}

// TestDrainLimit has an invocation that does not end: it is cut off, and its messages stay.
func TestDrainLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders")
		var why error
		f := newFake(1, func(ctx context.Context, _ events.SQSEvent) ([]byte, error) {
			<-ctx.Done()
			why = context.Cause(ctx)
			return nil, why
		})
		m := open(t, q, "orders", func(o *eventsource.Options) { o.Drain = 5 * time.Second })
		send(t, q, "orders", "", 3)
		stop := run(t, m, f)
		synctest.Wait()
		began := time.Now()
		stop()
		if took := time.Since(began); took != 5*time.Second || !errors.Is(why, eventsource.ErrStopped) {
			t.Errorf("cut off after %v: %v", took, why)
		}
		wantCounts(t, q, "orders", 0, 3)
	})
}

// TestStopWhileWaiting ends a mapping in a long poll, and one whose function is busy.
func TestStopWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders")
		for _, environments := range []int{0, 1} {
			stop := run(t, open(t, q, "orders"), newFake(environments, well))
			time.Sleep(3 * time.Second)
			began := time.Now()
			stop()
			if took := time.Since(began); took != 0 {
				t.Errorf("%d environments: it took %v to stop", environments, took)
			}
		}
	})
}
