package main

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
)

// Workers that are wrong, to see that it shows.
var (
	// losing deletes the messages that it receives before they are handled, and forgets them when it has to end.
	losing = peer{name: "losing", hands: 4, work: func(ctx context.Context, c *sqs.Client, queue string, h handler) error {
		for ctx.Err() == nil {
			messages, err := receive(ctx, c, queue)
			if err != nil {
				return err
			}
			for _, m := range messages {
				if _, err := c.DeleteMessage(context.WithoutCancel(ctx), &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
					return err
				}
			}
			for _, m := range messages {
				_ = h(ctx, *m.Body)
			}
		}
		return nil
	}}
	// doubling handles every message twice.
	doubling = peer{name: "doubling", hands: 4, work: func(ctx context.Context, c *sqs.Client, queue string, h handler) error {
		return naive.work(ctx, c, queue, func(ctx context.Context, body string) error {
			return errors.Join(h(ctx, body), h(ctx, body))
		})
	}}
	// stubborn does not end.
	stubborn = peer{name: "stubborn", hands: 4, work: func(ctx context.Context, c *sqs.Client, queue string, h handler) error {
		return naive.work(context.WithoutCancel(ctx), c, queue, h)
	}}
)

func startServer(t *testing.T) *remote.Server {
	t.Helper()
	s, err := remote.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// What a worker loses when it is told to end, or handles twice, is in the account of a restart.
func TestRestartSeesWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	b := tiny(t, &strings.Builder{})
	for _, c := range []struct {
		peer         peer
		never, twice func(float64) bool
	}{
		{losing, func(n float64) bool { return n >= 1 && n <= 20 }, none}, // up to ten at each of two ends
		{doubling, none, func(n float64) bool { return n == 48 }},
	} {
		t.Run(c.peer.name, func(t *testing.T) {
			t.Parallel()
			var r restarted
			if err := b.restarting(s, c.peer, &r); err != nil {
				t.Fatal(err)
			}
			if r.sent[0] != 48 || !c.never(r.never[0]) || !c.twice(r.twice[0]) || r.killed[0] != 0 {
				t.Errorf("got %+v", r)
			}
		})
	}
}

func none(n float64) bool { return n == 0 }

// Messages that come again while a handler has them are in the account of handlers that outlive the visibility
// timeout; with one that does not outlive it, none are.
func TestOutliveSeesWhatIsHandledAgain(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for visibility, again := range map[time.Duration]float64{time.Second: 10, time.Minute: 0} {
		t.Run(visibility.String(), func(t *testing.T) {
			t.Parallel()
			b := tiny(t, &strings.Builder{})
			b.plan.outlive.visibility = visibility
			var o outlived
			if err := b.outlasting(s, careful, &o); err != nil {
				t.Fatal(err)
			}
			if o.again[0] < again || again == 0 && o.again[0] > 0 || o.begun[0] != 10 || o.left[0] != 0 || o.perMessage[0] != 1+o.again[0]/10 {
				t.Errorf("got %+v, want %v handled again", o, again)
			}
		})
	}
}

// A process that does not end within its grace is ended, and one that ends by itself is noticed.
func TestTerminate(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	b := tiny(t, &strings.Builder{})
	queue, _, err := b.queue(s, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Number(t.Context(), queue, 10, 100); err != nil {
		t.Fatal(err)
	}
	count := newTally(10)
	c, err := b.start(stubborn, s.URL(), queue, count)
	if err != nil {
		t.Fatal(err)
	}
	defer c.kill()
	for count.ends() < 10 {
		if err := c.during(t.Context(), time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	if took, killed, err := c.terminate(50 * time.Millisecond); !killed || took < 50*time.Millisecond || err != nil {
		t.Errorf("it took %v, killed: %v, %v", took, killed, err)
	}
	broken, err := b.start(peer{name: "nobody"}, s.URL(), queue, count)
	if err != nil {
		t.Fatal(err)
	}
	<-broken.ended
	if err := broken.during(t.Context(), time.Hour); err == nil || !strings.Contains(err.Error(), `no worker is called "nobody"`) {
		t.Errorf("got %v", err)
	}
}

// A sender whose messages are not all there, or are there too often, has no figures.
func TestNothingIsLostUnseen(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	b := tiny(t, &strings.Builder{})
	for want, times := range map[string]int{"0 messages are in the queue, of 10": 0, "20 messages are in the queue, of 10": 2} {
		wrong := sender{name: "wrong", together: 1, open: func(ctx context.Context, c *sqs.Client, queue string) (link, error) {
			l, err := singles.open(ctx, c, queue)
			right := l.send
			l.send = func(ctx context.Context, bodies []string) error {
				for range times {
					if err := right(ctx, bodies); err != nil {
						return err
					}
				}
				return nil
			}
			return l, err
		}}
		b.senders = []sender{wrong}
		err := b.sent(s, wrong, 0, func(l link, bodies []string, messages *atomic.Int64) error {
			_, err := b.oneByOne(l, bodies, messages)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
