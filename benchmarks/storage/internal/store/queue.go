package store

import (
	"errors"
	"sync"
	"sync/atomic"
)

// kv is a store of values under numbers, of which a queue is made.
type kv interface {
	// commit makes a change. It is on the disk when commit returns.
	commit(*change) error
	// get appends the value under id to dst.
	get(dst []byte, id uint64) ([]byte, error)
	// each calls f with all ids, in their order.
	each(f func(id uint64)) error
	close() error
}

// change is what one call changes. It belongs to one goroutine, which uses it again.
type change struct {
	puts    []entry
	deletes []uint64
	done    chan error // of a group
}

type entry struct {
	id   uint64
	body []byte
}

// queue makes a kv a Store.
type queue struct {
	kv      kv
	waiting int
	last    atomic.Uint64

	mu   sync.Mutex
	ids  []uint64 // that wait are those from head on
	head int
}

// newQueue takes what opens a kv returns.
func newQueue(kv kv, err error) (Store, error) {
	if err != nil {
		return nil, err
	}
	q := &queue{kv: kv}
	err = kv.each(func(id uint64) {
		q.ids = append(q.ids, id)
		q.last.Store(id)
	})
	if err != nil {
		return nil, errors.Join(err, kv.close())
	}
	q.waiting = len(q.ids)
	return q, nil
}

func (q *queue) Found() (int, int64) { return q.waiting, 0 }
func (q *queue) Close() error        { return q.kv.close() }

func (q *queue) Caller() Caller {
	return &queueCaller{queue: q, bodies: newBodies(), change: change{done: make(chan error, 1)}}
}

// Expect passes it on.
func (q *queue) Expect(callers int) {
	if kv, ok := q.kv.(Expecting); ok {
		kv.Expect(callers)
	}
}

// arrive adds messages that were put.
func (q *queue) arrive(puts []entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.head > 1024 && q.head > len(q.ids)/2 {
		q.ids = q.ids[:copy(q.ids, q.ids[q.head:])]
		q.head = 0
	}
	for _, p := range puts {
		q.ids = append(q.ids, p.id)
	}
}

// leave appends to dst the ids of up to n messages, which no longer wait.
func (q *queue) leave(dst []uint64, n int) []uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	n = min(n, len(q.ids)-q.head)
	dst = append(dst, q.ids[q.head:q.head+n]...)
	q.head += n
	return dst
}

type queueCaller struct {
	*queue
	bodies bodies
	change change
	taken  []uint64
	body   []byte // of the messages taken last
}

func (c *queueCaller) Put(n int) error {
	c.change.puts = c.change.puts[:0]
	end := c.last.Add(uint64(n))
	for i := range uint64(n) {
		c.change.puts = append(c.change.puts, entry{end - uint64(n) + 1 + i, c.bodies.bytes()})
	}
	c.change.deletes = nil
	if err := c.kv.commit(&c.change); err != nil {
		return err
	}
	c.arrive(c.change.puts)
	return nil
}

func (c *queueCaller) Take(n int) (int, error) {
	c.taken = c.leave(c.taken[:0], n)
	c.body = c.body[:0]
	var err error
	for _, id := range c.taken {
		if c.body, err = c.kv.get(c.body, id); err != nil {
			return 0, err
		}
	}
	if len(c.body) != len(c.taken)*BodySize {
		return 0, errBody
	}
	return len(c.taken), nil
}

var errBody = errors.New("a message's body has not the size that it was put with")

func (c *queueCaller) Drop() error {
	if len(c.taken) == 0 {
		return nil
	}
	c.change.puts, c.change.deletes = c.change.puts[:0], c.taken
	return c.kv.commit(&c.change)
}
