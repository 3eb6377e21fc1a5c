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
	err := f.read(q.s.disk.log, b)
	for err != nil {
		var d *journal.DamageError
		switch {
		case errors.Is(err, journal.ErrDropped): // the segment was emptied meanwhile
			if err := q.relocate(b, err); err != nil {
				return err
			}
		case !errors.As(err, &d) || !q.leaveOut(b, d.Pos):
			return fmt.Errorf("read messages of queue %s: %w", q.q.Name.Queue, broken(err))
		}
		err = f.read(q.s.disk.log, b)
	}
	return nil
}

// leaveOut takes a message out of a reply that cannot be read, and on FIFO those
// behind it: they stay in flight until their timeout. False: nothing would be left to
// hand out, or it is none of them.
func (q *queue) leaveOut(b *engine.Batch, at journal.Pos) bool {
	i := slices.IndexFunc(b.Deliveries, func(d engine.Delivery) bool {
		return d.Home.Segment == at.Segment && d.Home.Offset == at.Offset
	})
	if i < 0 || len(b.Deliveries) == 1 || i == 0 && q.fifo {
		return false
	}
	if q.fifo {
		b.Deliveries = b.Deliveries[:i]
	} else {
		b.Deliveries = slices.Delete(b.Deliveries, i, i+1)
	}
	return true
}

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
			return fmt.Errorf("what stands at %v is no message", f.spans[i].Pos)
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
		return fmt.Errorf("read messages of queue %s: %w", q.q.Name.Queue, broken(why))
	}
	return nil
}
