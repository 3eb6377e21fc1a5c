package localqueue

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// ErrFull is what calls return, wrapped (use errors.Is), that would need room on a
// disk that has none. Deletes and receives go on as long as the room kept back for
// them lasts. Nothing has to be done but to make room.
var ErrFull = journal.ErrFull

// disk is what a durable Server has beside one in memory; nil in memory.
type disk struct {
	dir    string    // the directory, for people; "": it has no name
	held   io.Closer // it
	log    *journal.Log
	ledger engine.Ledger
	newest atomic.Uint32 // segment written to
	strict bool          // receives and changes are synced before their reply, too

	mu    sync.Mutex
	sinks map[uint32]*sink // by queue; 0: of the registry

	cleaner cleaner
}

// sink is the engine's log of one queue, whose lock guards it. It keeps what the
// call under way has to wait for.
type sink struct {
	d        *disk
	admitted bool  // the call under way holds room for what it writes
	wrote    bool  // the call under way has written something
	err      error // the first record that was refused since told was asked
	firm     mark  // of the latest record that is to be synced before a reply
	soft     mark  // of the latest record
}

// mark is a record that somebody may wait for.
type mark struct {
	ticket journal.Ticket
	pos    journal.Pos
}

// close ends everything; nothing is in memory.
func (d *disk) close() error {
	if d == nil {
		return nil
	}
	err := d.log.Close() // first, since the cleaner may be waiting for it
	d.cleaner.stopped.Wait()
	if closed := d.held.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("localqueue: close: %w", err)
	}
	return nil
}

// sink is the one of a queue.
func (d *disk) sink(queue uint32) *sink {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.sinks[queue]
	if s == nil {
		s = &sink{d: d, admitted: true} // by whoever makes the queue
		d.sinks[queue] = s
	}
	return s
}

// forget lets go of the sink of a queue that was deleted.
func (d *disk) forget(queue uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.sinks, queue)
}

// refusal is why the disk refused a queue of this number, which does not exist then.
func (d *disk) refusal(queue uint32) error {
	err := d.sink(queue).err
	d.forget(queue)
	return d.broken(err)
}

// mode is how safe a record must be before a reply.
func (s *sink) mode(kind engine.Kind) journal.Mode {
	m := journal.Written
	switch kind {
	case engine.KindSend, engine.KindDelete, engine.KindControl:
		m = journal.Synced
	case engine.KindReceive, engine.KindChange:
		if s.d.strict {
			m = journal.Synced
		}
	}
	if !s.admitted || kind == engine.KindExpire { // nobody knew how much would expire
		m |= journal.Reserve
	}
	return m
}

func (s *sink) Append(kind engine.Kind, record []byte, head int) engine.Place {
	m := s.mode(kind)
	pos, ticket, err := s.d.log.Append(journal.Checked(record, head), m)
	if err != nil {
		if s.err == nil && kind != engine.KindExpire { // that one is written later
			s.err = err
		}
		return engine.Place{}
	}
	if s.d.newest.Load() != pos.Segment {
		s.d.newest.Store(pos.Segment)
	}
	s.wrote, s.soft = true, mark{ticket, pos}
	if m&journal.Synced != 0 {
		s.firm = s.soft
	}
	return engine.Place{Segment: pos.Segment, Offset: pos.Offset, Length: uint32(len(record))}
}

func (s *sink) Need(segment uint32, bytes int) { s.d.ledger.Need(segment, bytes) }

func (s *sink) Bind(in, until uint32, bytes int) { s.d.ledger.Bind(in, until, bytes) }

func (s *sink) Copied(in, until uint32) { s.d.ledger.Copied(in, until) }

// Err is the error that stopped a durable server, nil while it goes on: a write or a
// sync failed, every later call returns the error, and only opening it again tells what
// the disk has. A full disk stops nothing, nor does Close.
func (s *Server) Err() error {
	if s.disk == nil {
		return nil
	}
	return damaged(s.disk.log.Err())
}

// broken is how an error of the journal is told.
func (d *disk) broken(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, journal.ErrClosed):
		return ErrClosed
	case errors.Is(err, ErrFull):
		return &fullError{d.dir, false, err}
	}
	return damaged(err)
}

// Bytes that a call may write, beside the contents of messages: for each message,
// and in all.
const (
	costOfMessage = 1 << 10
	costOfControl = 192 << 10 // with the largest tags and attributes
	costOfReceive = 32 << 10  // moves to a dead-letter queue included
)

// admit waits until there is room on the disk for records of n bytes. No lock is held.
// The caller releases the room when it has written.
func (s *Server) admit(n int, p journal.Purpose) (journal.Room, error) {
	if s.disk == nil {
		return journal.Room{}, nil
	}
	r, err := s.disk.log.Admit(int64(n), p)
	return r, s.disk.broken(err)
}

// begin says that the call under way has room for what it writes. The caller holds
// the lock.
func (q *queue) begin() {
	if q.sink != nil {
		q.sink.admitted, q.sink.wrote, q.sink.err = true, false, nil
	}
}
