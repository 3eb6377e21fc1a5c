package eventsource_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/quayside-go/quayside/internal/eventsource"
	"github.com/quayside-go/quayside/internal/sqsevent"
)

// TestWindow has messages come at times: a batch ends with the window, counted from its
// first message, or when it is full.
func TestWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders")
		var mu sync.Mutex
		var at []time.Duration
		started := time.Now()
		f := newFake(9, func(context.Context, events.SQSEvent) ([]byte, error) {
			mu.Lock()
			defer mu.Unlock()
			at = append(at, time.Since(started))
			return nil, nil
		})
		m := open(t, q, "orders", func(o *eventsource.Options) { o.BatchSize, o.Window = 25, 5*time.Second })
		run(t, m, f)
		time.Sleep(30 * time.Second)
		send(t, q, "orders", "", 1) // 30 s: the first
		time.Sleep(2 * time.Second)
		send(t, q, "orders", "", 12) // 32 s
		time.Sleep(28 * time.Second)
		send(t, q, "orders", "", 30) // 60 s: a full one, and five that wait
		time.Sleep(20 * time.Second)
		synctest.Wait()
		var sizes []int
		for _, b := range f.seen() {
			sizes = append(sizes, len(b))
		}
		if !slices.Equal(sizes, []int{13, 25, 5}) {
			t.Errorf("batches of %v, want 13, 25 and 5", sizes)
		}
		if want := []time.Duration{35 * time.Second, time.Minute, 65 * time.Second}; !slices.Equal(at, want) {
			t.Errorf("invoked at %v, want %v", at, want)
		}
		wantCounts(t, q, "orders", 0, 0)
	})
}

// TestLargeBatch fills the largest batch there is.
func TestLargeBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders")
		f := newFake(1, well)
		m := open(t, q, "orders", func(o *eventsource.Options) { o.BatchSize, o.Window = 10_000, time.Second })
		send(t, q, "orders", "", 5000)
		stop := run(t, m, f)
		time.Sleep(5 * time.Second)
		stop()
		if got := f.seen(); len(got) != 1 || len(got[0]) != 5000 {
			t.Errorf("%d invocations", len(got))
		}
		wantCounts(t, q, "orders", 0, 0)
	})
}

// TestPayload has bodies of which six do not fit into 6 MB, the way they are written in JSON.
func TestPayload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders")
		f := newFake(1, well)
		for i := range 24 {
			sendBody(t, q, "orders", "", string(rune('a'+i))+strings.Repeat(`"`, 1<<19))
		}
		run(t, open(t, q, "orders"), f)
		synctest.Wait()
		wantCounts(t, q, "orders", 0, 0)
		var order strings.Builder
		for i, b := range f.seen() {
			if f.payloads[i] > sqsevent.MaxPayload {
				t.Errorf("a payload of %d bytes", f.payloads[i])
			}
			for _, body := range b {
				order.WriteByte(body[0])
			}
			order.WriteByte(' ')
		}
		if got := order.String(); got != "abcde fghij klmno pqrst uvwx " {
			t.Errorf("batches %s", got)
		}
	})
}

// TestWindowCut has a window that the visibility timeout has no room for.
func TestWindowCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders")
		var receives []string
		f := newFake(1, func(_ context.Context, e events.SQSEvent) ([]byte, error) {
			for _, r := range e.Records {
				receives = append(receives, r.Attributes["ApproximateReceiveCount"])
			}
			return nil, nil
		})
		m := open(t, q, "orders", func(o *eventsource.Options) { o.Window, o.Timeout = time.Minute, 20*time.Second })
		if !strings.Contains(m.Advice(), "cut to 10s") || !strings.Contains(m.Advice(), "set VisibilityTimeout to 180 ") {
			t.Errorf("advice: %s", m.Advice())
		}
		send(t, q, "orders", "", 3)
		run(t, m, f)
		time.Sleep(15 * time.Second)
		synctest.Wait()
		wantCounts(t, q, "orders", 0, 0)
		if !slices.Equal(receives, []string{"1", "1", "1"}) {
			t.Errorf("receive counts %v", receives)
		}
	})
}

// TestWindowCutEarly has a window cut to ten seconds and a half, of which polls of whole
// seconds, after a message in between, leave less than the shortest of them.
func TestWindowCutEarly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders") // visibility timeout 30 s
		started := time.Now()
		invoked := make(chan time.Duration, 1)
		f := newFake(1, func(context.Context, events.SQSEvent) ([]byte, error) {
			invoked <- time.Since(started)
			return nil, nil
		})
		run(t, open(t, q, "orders", func(o *eventsource.Options) { o.Window, o.Timeout = time.Minute, 20*time.Second }), f)
		time.Sleep(500 * time.Millisecond)
		send(t, q, "orders", "", 1) // visible again after 30.5 s
		time.Sleep(3200 * time.Millisecond)
		send(t, q, "orders", "", 1) // 3.7 s: polls to come end after 9.7 and 10.7 s
		if got, want := <-invoked, 9700*time.Millisecond; got != want {
			t.Errorf("invoked after %v, want %v", got, want)
		}
	})
}

// TestHeldOnce has messages that did not fit into the payload before, and a window as long as
// the visibility timeout allows: each is handed over once, at its first receive.
func TestHeldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, "orders") // visibility timeout 30 s
		var mu sync.Mutex
		var handled []string
		f := newFake(2, func(_ context.Context, e events.SQSEvent) ([]byte, error) {
			time.Sleep(9 * time.Second)
			mu.Lock()
			defer mu.Unlock()
			for _, r := range e.Records {
				handled = append(handled, r.Body[:1])
				if n := r.Attributes["ApproximateReceiveCount"]; n != "1" {
					t.Errorf("%s was handed over at receive %s", r.Body[:1], n)
				}
			}
			return nil, nil
		})
		const bodies = "abcdefghijklm"
		for _, b := range bodies {
			sendBody(t, q, "orders", "", string(b)+strings.Repeat(`"`, 1<<19)) // five fit
		}
		run(t, open(t, q, "orders", func(o *eventsource.Options) { o.Window, o.Timeout = 20*time.Second, 10*time.Second }), f)
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		slices.Sort(handled)
		if got := strings.Join(handled, ""); got != bodies {
			t.Errorf("handled %s, want each once", got)
		}
	})
}
