package onlambda_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/quayside-go/quayside/worker"
	"github.com/quayside-go/quayside/worker/onlambda"
)

// A trial is an invocation of which all is random: the event, what handlers do and for how
// long, the options, and the time that there is.
type trial struct {
	t     *testing.T
	r     *rand.Rand
	fifo  bool
	event events.SQSEvent
	limit time.Duration
	opts  onlambda.Options

	mu        sync.Mutex
	over      bool // the response has left
	running   int
	done      map[string]bool     // as the hook has heard before the response
	begun     map[string][]string // ids, by group
	abandoned map[string]bool
	broken    map[string]bool // groups in which a message has ended without being done
}

func TestRandomInvocations(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				c := newTrial(t, rand.New(rand.NewPCG(seed, 1)))
				c.run()
				time.Sleep(time.Hour) // late returns change nothing
			})
		})
	}
}

func newTrial(t *testing.T, r *rand.Rand) *trial {
	c := &trial{
		t: t, r: r, fifo: r.IntN(2) == 0, limit: time.Duration(r.IntN(30)+1) * time.Second,
		done: make(map[string]bool), begun: make(map[string][]string), abandoned: make(map[string]bool), broken: make(map[string]bool),
	}
	c.opts = onlambda.Options{Concurrency: r.IntN(12), OtherGroups: r.IntN(2) == 0, Hook: c.hear}
	if r.IntN(3) > 0 {
		c.opts.Client = &asked{}
	}
	if r.IntN(3) == 0 {
		c.opts.Margin = time.Duration(r.IntN(20)) * time.Second
	}
	var ids []string
	for i := range r.IntN(30) + 1 {
		if i > 0 && r.IntN(8) == 0 {
			ids = append(ids, ids[r.IntN(len(ids))]) // once more
		} else {
			ids = append(ids, fmt.Sprint("m", i))
		}
	}
	c.event = event(ids...)
	for i := range c.event.Records {
		one := &c.event.Records[i]
		if c.fifo {
			one.EventSourceARN += ".fifo"
		}
		one.Attributes = map[string]string{"ApproximateReceiveCount": "1", "MessageGroupId": fmt.Sprint("g", len(one.MessageId)*7%3)}
	}
	return c
}

func (c *trial) run() {
	ctx, cancel := context.WithTimeout(context.Background(), c.limit)
	defer cancel()
	plans := make(map[string]func(context.Context) error)
	for _, one := range c.event.Records {
		plans[one.MessageId] = c.plan()
	}
	f := onlambda.Handler(worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
		c.begin(m)
		defer c.end()
		return plans[m.ID](ctx)
	}), func(o *onlambda.Options) { *o = c.opts })
	r, err := f(ctx, c.event)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if err != nil || ctx.Err() != nil {
		c.t.Errorf("%v, %v", err, ctx.Err())
	}
	c.judge(named(r))
}

// plan returns what a handler does.
func (c *trial) plan() func(context.Context) error {
	took := time.Duration(c.r.IntN(6000)) * time.Millisecond
	deaf := c.r.IntN(6) == 0
	if c.r.IntN(10) == 0 {
		took = 10 * time.Minute
	}
	end := []error{nil, nil, nil, nil, nil, worker.Discard(errLost), errLost, worker.Snooze(time.Minute), worker.RetryAfter(0, nil), worker.DeadLetter(errLost)}[c.r.IntN(10)]
	return func(ctx context.Context) error {
		if deaf {
			time.Sleep(took)
			return end
		}
		select {
		case <-time.After(took):
			return end
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (c *trial) begin(m *worker.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.broken[m.Group] && c.fifo {
		c.t.Errorf("%s of %s has begun too late", m.ID, m.Group)
	}
	c.begun[m.Group] = append(c.begun[m.Group], m.ID)
	most := c.opts.Concurrency
	if most == 0 {
		most = onlambda.DefaultConcurrency
	}
	if c.running++; c.running > most {
		c.t.Errorf("%d at once, want at most %d", c.running, most)
	}
}

func (c *trial) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running--
}

func (c *trial) hear(_ context.Context, e worker.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		c.t.Errorf("told %s after the response", e.Kind)
	}
	switch e.Kind {
	case worker.EventAbandoned:
		c.abandoned[e.Message.ID] = true
	case worker.EventHandled:
		finished := e.Outcome == worker.Done || e.Outcome == worker.Discarded || e.Outcome == worker.DeadLettered
		c.done[e.Message.ID] = finished
		if !finished {
			c.broken[e.Message.Group] = true
		}
	}
}

// judge compares the response with what has happened.
func (c *trial) judge(ids []string) {
	byGroup := make(map[string][]string)
	for i, one := range c.event.Records {
		id, n := one.MessageId, 0
		for _, other := range ids {
			if other == id {
				n++
			}
		}
		if want := !c.done[id]; n > 1 || n == 1 != want {
			c.t.Errorf("%s is named %d times; done: %v, abandoned: %v", id, n, c.done[id], c.abandoned[id])
		}
		g := one.Attributes["MessageGroupId"]
		if first := slices.IndexFunc(c.event.Records, func(r events.SQSMessage) bool { return r.MessageId == id }); first == i {
			byGroup[g] = append(byGroup[g], id)
		}
	}
	for g, begun := range c.begun {
		if c.fifo && !slices.Equal(begun, byGroup[g][:len(begun)]) {
			c.t.Errorf("group %s began %v of %v", g, begun, byGroup[g])
		}
	}
	for _, id := range ids {
		if !slices.ContainsFunc(c.event.Records, func(r events.SQSMessage) bool { return r.MessageId == id }) {
			c.t.Errorf("%s was not in the event", id)
		}
	}
}
