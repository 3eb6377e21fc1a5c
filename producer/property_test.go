package producer_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/producer"
)

var (
	runs     = flag.Uint64("random.runs", 30, "how many random runs of each kind")
	firstRun = flag.Uint64("random.first", 0, "the seed of the first")
)

// Whatever fails, is given up or closed: what is answered by nil is in the queue, what is
// answered by "not sent" is not, each message is answered once, a group keeps its order,
// no request is over a limit, and nothing is left behind.
func TestRandomRuns(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{"orders", "jobs.fifo"} {
		t.Run(queue, func(t *testing.T) {
			t.Parallel()
			for seed := *firstRun; seed < *firstRun+*runs; seed++ {
				synctest.Test(t, func(t *testing.T) { randomRun(t, queue, seed) })
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

// trial is a random run.
type trial struct {
	t     *testing.T
	queue string
	fifo  bool
	p     *producer.Producer
	c     *strict
	mu    sync.Mutex
	notes map[string]*note // by body
}

// note is what a message's sender was told.
type note struct {
	group string
	order int // among those of its group
	told  int // times that the middleware was told
	done  int // times that there was an answer
	sent  producer.Sent
	err   error
}

func randomRun(t *testing.T, queue string, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	q := openLocal(t)
	defer q.Close()
	q.MustCreate(queue)
	x := &trial{t: t, queue: queue, fifo: strings.HasSuffix(queue, ".fifo"), notes: map[string]*note{}}
	x.c = &strict{Server: q, t: t, r: rand.New(rand.NewPCG(seed, 2)), flying: map[string]int{}}
	x.p = producer.New(x.c, queue, func(o *producer.Options) {
		o.Middleware = []producer.Middleware{x.watch}
		o.Concurrency, o.Tries = 1+r.IntN(20), 1+r.IntN(6)
		x.c.most = o.Concurrency
		if r.IntN(3) == 0 {
			o.Linger = time.Duration(r.IntN(60)) * time.Millisecond
		}
		if r.IntN(2) == 0 {
			o.MaxPending = 1 + r.IntN(30)
		}
		if r.IntN(3) == 0 {
			o.MaxPendingBytes = int64(1 + r.IntN(1<<20))
		}
	})
	if err := q.SetFaults(randomFaults(r, seed, x.fifo)); err != nil {
		t.Fatal(err)
	}
	var senders sync.WaitGroup
	for i := range 1 + r.IntN(12) {
		seed := r.Uint64()
		senders.Go(func() { x.sender(i, rand.New(rand.NewPCG(seed, 3))) })
	}
	if r.IntN(2) == 0 {
		senders.Wait()
	} else {
		time.Sleep(time.Duration(r.IntN(2000)) * time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(r.IntN(3))*time.Duration(r.IntN(1000))*time.Millisecond)
	defer cancel()
	err := x.p.Close(ctx)
	senders.Wait()
	if !x.p.Idle() {
		t.Error("the producer is not idle after Close")
	}
	x.closed(err)
	if err := q.SetFaults(localqueue.Faults{}); err != nil {
		t.Fatal(err)
	}
	x.compare(q)
}

// randomFaults are some that sends can meet. A reply that is lost tells nobody which
// entries of it had failed, so on a FIFO queue there is the one or the other.
func randomFaults(r *rand.Rand, seed uint64, fifo bool) localqueue.Faults {
	f := localqueue.Faults{Seed: seed}
	kinds := []localqueue.FaultKind{localqueue.LostRequest, localqueue.Throttled, localqueue.ServerError, localqueue.LostReply, localqueue.PartialBatch}
	without := kinds[3+r.IntN(2)]
	for _, k := range kinds {
		if r.IntN(2) == 0 && !(fifo && k == without) {
			f.Rules = append(f.Rules, localqueue.Fault{Kind: k, Action: "SendMessageBatch", Rate: r.Float64() * 0.5})
		}
	}
	if r.IntN(4) == 0 {
		f.Rules = append(f.Rules, localqueue.Fault{Kind: localqueue.Throttled, Action: "GetQueueUrl", Rate: 0.5})
	}
	if r.IntN(4) == 0 {
		f.Rules = append(f.Rules, localqueue.Fault{Kind: localqueue.Slow, Action: "SendMessageBatch", Rate: 0.05, Delay: time.Minute})
	}
	return f
}

// watch is a middleware that counts answers.
func (x *trial) watch(_ context.Context, m *producer.Message) (func(producer.Sent, error), error) {
	body := m.Body
	return func(producer.Sent, error) {
		x.mu.Lock()
		x.notes[body].told++
		x.mu.Unlock()
	}, nil
}

// sender sends messages in each of the three ways.
func (x *trial) sender(i int, r *rand.Rand) {
	var waits sync.WaitGroup
	defer waits.Wait()
	n := 0
	for range 1 + r.IntN(15) {
		patience := time.Hour
		if r.IntN(3) == 0 {
			patience = time.Duration(r.IntN(1500)) * time.Millisecond
		}
		ctx, cancel := context.WithTimeout(x.t.Context(), patience)
		end := cancel // of one of the three
		var ms []producer.Message
		for range 1 + r.IntN(25) {
			ms = append(ms, x.message(i, n, r))
			n++
		}
		switch r.IntN(3) {
		case 0:
			for _, m := range ms[:min(len(ms), 5)] {
				s, err := x.p.Send(ctx, m)
				x.note(m, s, err)
			}
			end()
		case 1:
			rs, err := x.p.SendAll(ctx, ms...)
			failed := false
			for j, result := range rs {
				x.note(ms[j], result.Sent, result.Err)
				failed = failed || result.Err != nil
			}
			if len(rs) != len(ms) || failed != (err != nil) {
				x.t.Errorf("SendAll of %d messages = %v, %v", len(ms), rs, err)
			}
			end()
		case 2:
			for _, m := range ms {
				pending := x.p.SendAsync(ctx, m)
				waits.Go(func() {
					s, err := pending.Wait(context.Background())
					x.note(m, s, err)
				})
			}
			after := time.Duration(r.IntN(40000)) * time.Millisecond
			waits.Go(func() {
				time.Sleep(after)
				end()
			})
		}
		if r.IntN(2) == 0 {
			time.Sleep(time.Duration(r.IntN(300)) * time.Millisecond)
		}
	}
}

// message is the n-th of sender i, which has two groups.
func (x *trial) message(i, n int, r *rand.Rand) producer.Message {
	body := fmt.Sprintf("%d.%d ", i, n)
	if r.IntN(20) == 0 {
		body += strings.Repeat("x", r.IntN(600<<10))
	}
	m := producer.Message{Body: body, Group: fmt.Sprint(i, "-", r.IntN(2))}
	if x.fifo {
		m.DeduplicationID = strconv.Itoa(i) + "." + strconv.Itoa(n)
	}
	x.mu.Lock()
	x.notes[body] = &note{group: m.Group, order: n}
	x.mu.Unlock()
	return m
}

func (x *trial) note(m producer.Message, s producer.Sent, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := x.notes[m.Body]
	n.sent, n.err = s, err
	n.done++
}

// closed compares what Close has returned with what senders were told.
func (x *trial) closed(err error) {
	var lost producer.CloseError
	if e := (*producer.CloseError)(nil); errors.As(err, &e) {
		lost = *e
	} else if err != nil {
		x.t.Errorf("Close = %v, want a *CloseError", err)
	}
	notSent, unanswered := 0, 0
	for _, n := range x.notes {
		switch {
		case n.err == producer.ErrClosed || !errors.Is(n.err, producer.ErrClosed):
		case strings.Contains(n.err.Error(), "may have been sent"):
			unanswered++
		default:
			notSent++
		}
	}
	if lost.NotSent != notSent || lost.Unanswered != unanswered {
		x.t.Errorf("Close = %v, but %d senders were told not sent and %d unanswered", err, notSent, unanswered)
	}
}

// compare looks at the queue.
func (x *trial) compare(q *localqueue.Server) {
	there, last := map[string]string{}, map[string]int{}
	for _, m := range receive(x.t, q, x.queue) {
		n := x.notes[*m.Body]
		if there[*m.Body] != "" && x.fifo {
			x.t.Errorf("%.8s is there twice", *m.Body)
		}
		there[*m.Body] = *m.MessageId
		if at, any := last[n.group]; x.fifo && any && at >= n.order {
			x.t.Errorf("%.8s comes after number %d of its group", *m.Body, at)
		}
		last[n.group] = n.order
	}
	for body, n := range x.notes {
		_, stored := there[body]
		switch {
		case n.done == 0 && n.told == 0: // never sent
		case n.done != 1 || n.told > 1 || n.told == 0 && !errors.Is(n.err, context.Canceled) && !errors.Is(n.err, context.DeadlineExceeded):
			x.t.Errorf("%.8s was answered %d times by %v, the middleware told %d times", body, n.done, n.err, n.told)
		case n.err == nil && !stored:
			x.t.Errorf("%.8s is sent, but not there", body)
		case n.err == nil && x.fifo && there[body] != n.sent.ID:
			x.t.Errorf("%.8s has the id %s, its sender was told %s", body, there[body], n.sent.ID)
		case n.err != nil && stored && !strings.Contains(n.err.Error(), "may have been sent"):
			x.t.Errorf("%.8s is there, but its sender was told %v", body, n.err)
		}
	}
}
