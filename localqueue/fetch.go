package localqueue

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// fetched is the scratch memory of reading the contents of one receive.
type fetched struct {
	spans []journal.Span
	buf   []byte
}

var fetches = sync.Pool{New: func() any { return new(fetched) }}

// complete ends a receive: it waits until what was taken may be handed out, and reads
// it. No lock is held.
func (q *queue) complete(t told, b *engine.Batch) error {
	if err := t.wait(); err != nil || q.s.disk == nil || len(b.Deliveries) == 0 {
		return err
	}
	f := fetches.Get().(*fetched)
	defer func() {
		if cap(f.buf) <= maxFetched {
			fetches.Put(f)
		}
	}()
	log := q.s.disk.log
	for {
		err := f.read(log, b)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, journal.ErrDropped): // the segment was emptied meanwhile
			err = q.relocate(b, err)
		default:
			err = q.leaveOut(f, b, err)
		}
		if err != nil {
			return fmt.Errorf("read messages of queue %s: %w", q.q.Name.Queue, q.s.disk.broken(err))
		}
	}
}

// leaveOut takes the messages out of a reply that cannot be read, and on FIFO those
// behind the first of them: they stay in flight until their timeout. Whoever runs the
// server is told. It looks at each by itself: neighbours were read at once, and why
// names one of them at best. If nothing is left to hand out it returns why.
func (q *queue) leaveOut(f *fetched, b *engine.Batch, why error) error {
	if !isDamage(why) {
		return why
	}
	all := b.Deliveries
	b.Deliveries = make([]engine.Delivery, 0, len(all))
	for i, bad := 0, false; i < len(all) && !(bad && q.fifo); i++ {
		one := engine.Batch{Deliveries: all[i : i+1]}
		err := f.read(q.s.disk.log, &one)
		damage := (*journal.DamageError)(nil)
		switch {
		case errors.As(err, &damage):
			if !bad {
				why, bad = err, true
			}
			q.spoilt(&all[i], damage)
		case err == nil, errors.Is(err, journal.ErrDropped): // which the next attempt sees
			b.Deliveries = append(b.Deliveries, all[i])
		default:
			return err
		}
	}
	if n := len(b.Deliveries); n == 0 || n == len(all) {
		return why
	}
	return nil
}

func isDamage(err error) bool { return errors.As(err, new(*journal.DamageError)) }

const maxFetched = 1 << 20

// read fills in the contents. Nothing is handed out before its send is as safe as
// its sender was promised.
func (f *fetched) read(log *journal.Log, b *engine.Batch) (err error) {
	f.spans = f.spans[:0]
	for i := range b.Deliveries {
		h := b.Deliveries[i].Home
		pos := journal.Pos{Segment: h.Segment, Offset: h.Offset}
		if err := log.Await(pos); err != nil {
			return err
		}
		f.spans = append(f.spans, journal.Span{Pos: pos, Length: h.Length})
	}
	b.Rewind()
	f.buf, err = log.Read(f.buf, f.spans, func(i int, record []byte) error {
		if !b.Fill(i, record) {
			at := f.spans[i].Pos
			return &journal.DamageError{File: fmt.Sprintf("%08x.log", at.Segment), Pos: at, Reason: "what stands there is no message"}
		}
		return nil
	})
	return err
}

// relocate looks up where the messages of b stand now, and leaves out those that were
// deleted meanwhile. If nothing is elsewhere it returns why.
func (q *queue) relocate(b *engine.Batch, why error) error {
	if err := q.lock(); err != nil {
		return err
	}
	defer q.mu.Unlock()
	messages, ok := q.q.Messages.(engine.Durable)
	if !ok {
		return errors.New("messages have no place on disk")
	}
	moved := false
	b.Deliveries = slices.DeleteFunc(b.Deliveries, func(d engine.Delivery) bool {
		home, ok := messages.Locate(d.Handle)
		moved = moved || !ok || home != d.Home
		return !ok
	})
	for i := range b.Deliveries {
		b.Deliveries[i].Home, _ = messages.Locate(b.Deliveries[i].Handle)
	}
	if !moved {
		return why
	}
	return nil
}
