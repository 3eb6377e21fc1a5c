package engine

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// recreateAfter and purgeAfter are the rules of 60 seconds that Relaxed lifts.
const (
	recreateAfter = Time(60 * time.Second)
	purgeAfter    = Time(60 * time.Second)
)

// Queue is one queue: what it is called, how it is set, and its messages.
type Queue struct {
	Number            uint32 // from 1, never reused
	Name              Name
	Created, Modified Time
	Config            Config
	Tags              map[string]string // nil: none
	Messages          Messages
	Deleted           bool

	purgeable  Time   // when the next purge is allowed
	tasks      []Task // move tasks from here, oldest first; only the last may be running
	tasksBegun uint64
	moving     *atomic.Int32 // tasks running in its account, whichever queue's lock they are under
	log        Log           // nil: in memory
}

// Engine is the registry of all queues: a state machine like Messages, without
// clock, lock, randomness or goroutine. A call that returns an error has
// changed nothing.
type Engine struct {
	Relaxed bool // lifts the rules of 60 seconds after a delete and after a purge
	Began   Time // when recovery did, which ends no earlier; what was over by then it need not remember

	key         [16]byte
	store       func(number uint32) Messages
	maxInFlight int
	queues      map[Name]*Queue
	given       []Name                   // by number, from 1; deleted queues too
	numbered    []*Queue                 // by number, from 1; nil: deleted
	moving      map[string]*atomic.Int32 // by account: Queue.moving
	logs        func(queue uint32) Log   // nil: in memory
	notedMu     sync.Mutex               // guards noted; taken last
	noted       []uint32                 // by number: segment of the latest control record
	replicas    map[uint32]*store        // while records are replayed
	reusable    map[Name]Time            // of names deleted a moment ago
	deleted     []Name                   // the names in reusable, in order of time
}

// New makes an engine without queues. The ids it gives derive from key; store
// makes the messages of a new queue.
func New(key [16]byte, store func(number uint32) Messages, maxInFlight int) *Engine {
	return &Engine{
		key:         key,
		store:       store,
		maxInFlight: maxInFlight,
		queues:      make(map[Name]*Queue),
		reusable:    make(map[Name]Time),
		moving:      make(map[string]*atomic.Int32),
	}
}

// Key is what the engine was made with.
func (e *Engine) Key() [16]byte { return e.key }

// Create makes a queue, or returns the one of that name when every attribute
// given has its current value there. Tags do not take part in the comparison.
func (e *Engine) Create(now Time, name Name, attributes, tags map[string]string) (*Queue, error) {
	if err := checkName(name.Queue, attributes); err != nil {
		return nil, err
	}
	if err := checkTags(name.Queue, tags); err != nil {
		return nil, err
	}
	q := e.queues[name]
	c := newConfig(strings.HasSuffix(name.Queue, fifoSuffix))
	if q != nil {
		c = q.Config
	}
	if err := c.apply(attributes); err != nil {
		return nil, err
	}
	if q != nil {
		if err := c.differs(&q.Config, attributes); err != nil {
			return nil, err
		}
		return q, nil
	}
	if !e.Relaxed && now < e.reusable[name] {
		return nil, Errorf(CodeQueueDeletedRecently, "You must wait 60 seconds after deleting a queue before you can create another with the same name.")
	}
	if err := e.check(name, &c, attributes); err != nil {
		return nil, err
	}
	if q = e.add(now, name, c, tags); q == nil {
		return nil, ErrRefused
	}
	return q, nil
}

// NextNumber is what the next queue will have.
func (e *Engine) NextNumber() uint32 { return uint32(len(e.given) + 1) }

// ErrRefused is what Create returns if the log took no record of the queue.
var ErrRefused = errors.New("the log refused a record")

// add makes a queue, unless the log refuses: then nil.
func (e *Engine) add(now Time, name Name, c Config, tags map[string]string) *Queue {
	e.forget(now)
	name.Queue = strings.Clone(name.Queue) // it may be part of something large
	number := e.NextNumber()
	q := &Queue{Number: number, Name: name, Created: now, Modified: now, Config: c, Messages: e.store(number)}
	if len(tags) > 0 {
		q.Tags = maps.Clone(tags)
	}
	if s, ok := q.Messages.(*store); ok && e.logs != nil {
		q.log = e.logs(number)
		s.log = q.log
	}
	q.Messages.Configure(now, q.Config.settings(e.maxInFlight))
	if !e.note(now, q) {
		return nil
	}
	delete(e.reusable, name)
	e.enroll(q)
	return q
}

// enroll enters a queue that has the next number.
func (e *Engine) enroll(q *Queue) {
	e.given = append(e.given, q.Name)
	e.numbered = append(e.numbered, q)
	e.queues[q.Name] = q
	if e.moving[q.Name.Account] == nil {
		e.moving[q.Name.Account] = new(atomic.Int32)
	}
	q.moving = e.moving[q.Name.Account]
}

// check refuses settings that a queue of this name cannot have. The attributes
// are those of the request that led to c.
func (e *Engine) check(name Name, c *Config, attributes map[string]string) error {
	if err := c.check(); err != nil {
		return err
	}
	if text := attributes[attrRedrivePolicy]; text != "" {
		return e.checkRedrive(name, c, text)
	}
	return nil
}

// Lookup returns the queue of that name, or nil.
func (e *Engine) Lookup(n Name) *Queue { return e.queues[n] }

// ARN names the queue that has or had this number; "" if it was never given.
func (e *Engine) ARN(number uint32) string {
	if number == 0 || uint64(number) > uint64(len(e.given)) {
		return ""
	}
	return e.given[number-1].ARN()
}

// List returns the queues of an account in a region whose names begin with
// prefix, by name.
func (e *Engine) List(account, region, prefix string) []*Queue {
	return e.filter(func(q *Queue) bool {
		return q.Name.Account == account && q.Name.Region == region && strings.HasPrefix(q.Name.Queue, prefix)
	})
}

// Sources returns the queues whose RedrivePolicy names q, by name.
func (e *Engine) Sources(q *Queue) []*Queue {
	return e.filter(func(source *Queue) bool {
		return source.Config.Redrive != nil && source.Config.Redrive.Target == q.Name
	})
}

func (e *Engine) filter(keep func(*Queue) bool) []*Queue {
	var found []*Queue
	for _, q := range e.queues {
		if keep(q) {
			found = append(found, q)
		}
	}
	slices.SortFunc(found, func(a, b *Queue) int { return a.Name.compare(b.Name) })
	return found
}
