package localqueue

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// SyncPolicy says when what a durable Server wrote is brought to the disk: SyncAlways,
// SyncNever, or SyncInterval. Whatever it is, what was answered survives the end of the
// process, kill -9 included; the policy is about power failures and the like.
type SyncPolicy time.Duration

const (
	// SyncAlways has each send, delete, purge, and change of queues and move tasks on the
	// disk before it is answered. A receive or a change of visibility is on the disk
	// within 100 ms; if power fails before, the message is visible earlier and counts one
	// receive less. See Options.SyncReceives.
	SyncAlways SyncPolicy = 0
	// SyncNever leaves it to the operating system, until Close.
	SyncNever SyncPolicy = -1
)

// SyncInterval syncs at least every d, which is more than 0: a power failure loses at
// most what was answered in the last d.
func SyncInterval(d time.Duration) SyncPolicy { return SyncPolicy(d) }

// Recovery is what Open found.
type Recovery struct {
	Queues, Messages int
	Bytes            int64  // of the log that was read or whose index was
	Cut              string // the unfinished end that a crash left and that was given up; "": there was none
	Took             time.Duration
}

// InUseError says that another process, or another part of this one, has the
// directory.
type InUseError = journal.InUseError

// DamageError says that what stands on the disk is not what was written, and where.
type DamageError struct {
	File   string
	Offset int64
	Reason string
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("%s is damaged at byte %d: %s", e.File, e.Offset, e.Reason)
}

// minSegment is the smallest Options.SegmentSize.
const minSegment = 256 << 10

// Open makes a Server that keeps everything in dir, which is made if it is not there:
// queues, messages, receipt handles, deduplication ids, move tasks are as they were
// when the last one ended, however that ended. Contents of messages are read from disk
// as they are received, so that a backlog may be larger than memory. One Server at a
// time has a directory (*InUseError); Close gives it back.
//
// An end that a crash left unfinished is cut off (Recovery); nothing in it had been
// answered under SyncAlways. Damage elsewhere is refused (*DamageError), and nothing is
// changed then.
func Open(dir string, opts ...func(*Options)) (*Server, error) {
	d, err := journal.OpenDir(dir)
	if err != nil {
		return nil, fmt.Errorf("localqueue: %w", err)
	}
	s, err := open(d, d, opts)
	if err != nil {
		_ = d.Close() // it was only locked
		return nil, err
	}
	return s, nil
}

// open opens the server in dir; closing it closes held.
func open(dir journal.Dir, held io.Closer, opts []func(*Options)) (*Server, error) {
	s := newServer(engine.NewMessages, opts)
	if n := s.opts.SegmentSize; n != 0 && n < minSegment {
		return nil, fmt.Errorf("localqueue: segments of %d bytes: they must have at least %d", n, minSegment)
	}
	d := &disk{held: held, strict: s.opts.SyncReceives, sinks: map[uint32]*sink{}}
	s.disk = d
	d.cleaner.wake = make(chan struct{}, 1)
	s.engine.SetLogs(func(queue uint32) engine.Log { return d.sink(queue) })
	o := journal.Options{
		SegmentSize: s.opts.SegmentSize, Sync: journal.SyncPolicy(s.opts.Sync),
		Sealed: func(uint32) { d.cleaner.look() }, Full: d.cleaner.look,
	}
	log, report, err := journal.Open(dir, o, func(e journal.Entry) error {
		return s.engine.Replay(engine.Place{Segment: e.Pos.Segment, Offset: e.Pos.Offset, Length: e.Length}, e.Head)
	})
	if err != nil {
		return nil, damaged(err)
	}
	d.log = log
	clean := log.Clean()
	err = s.resume(report.Records == 0)
	if err == nil && !clean {
		err = s.leap()
	}
	if err != nil {
		_ = log.Close() // the first error tells more
		return nil, fmt.Errorf("localqueue: %w", err)
	}
	s.recovery.Bytes, s.recovery.Took = report.Bytes, time.Since(s.began)
	if report.Cut != nil {
		s.recovery.Cut = report.Cut.String()
	}
	s.awake()
	return s, nil
}

// resume goes on with what was replayed; fresh: nothing was.
func (s *Server) resume(fresh bool) error {
	d := s.disk
	if fresh {
		if err := s.write0(); err != nil {
			return err
		}
	}
	d.sink(0).admitted = false
	var list []uint32
	exists := map[uint32]bool{}
	for _, info := range d.log.Segments() {
		exists[info.Number] = true
		list = append(list, info.Number)
	}
	s.ahead = max(0, s.engine.Newest()-s.now())
	if err := s.engine.Recovered(s.now(), func(n uint32) bool { return exists[n] }); err != nil {
		return err
	}
	d.ledger.Set(list, s.engine.Weigh())
	s.ident = api.NewIdent(s.engine.Key())
	for _, eq := range s.engine.Queues() {
		q := s.newQueue(eq)
		q.sink.admitted = false
		s.queues[eq.Name] = q
		n := eq.Messages.Counts(s.now())
		s.recovery.Queues++
		s.recovery.Messages += n.Visible + n.InFlight + n.Delayed
	}
	return nil
}

// leapBy is more messages than were ever lost to a power failure.
const leapBy = 1 << 32

// leap passes over sequence numbers after an end that may have lost the last records:
// what was in these had numbers, and somebody may still hold a receipt handle or a
// MessageId that names one. No later message is to have it.
func (s *Server) leap() error {
	for _, q := range s.queues {
		room, err := s.disk.log.Admit(costOfControl, journal.Urgent)
		if err != nil && !errors.Is(err, ErrFull) {
			return err
		}
		q.mu.Lock()
		q.begin()
		s.engine.Leap(s.now(), q.q, leapBy) // on a full disk in memory alone, until something is written
		t := q.told(true)
		q.mu.Unlock()
		room.Release()
		if t.err != nil && !errors.Is(t.err, ErrFull) {
			return t.err
		}
	}
	if err := s.disk.log.Sync(); !errors.Is(err, ErrFull) {
		return err
	}
	return nil
}

// awake starts what goes on by itself: the cleaner, and move tasks that were running.
func (s *Server) awake() {
	d := s.disk
	d.ledger.Idle = func(n uint32) {
		if n != d.newest.Load() {
			d.cleaner.look()
		}
	}
	d.cleaner.start(s)
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, q := range s.queues {
		q.mu.Lock()
		q.arm()
		q.mu.Unlock()
	}
}

// write0 begins a log.
func (s *Server) write0() error {
	room, err := s.disk.log.Admit(costOfControl, journal.Ordinary)
	if err != nil {
		return err
	}
	defer room.Release()
	zero := s.disk.sink(0)
	if !s.engine.Begin() {
		return zero.err
	}
	return s.disk.log.Wait(zero.firm.ticket)
}

// newQueue is the shell around an engine's queue.
func (s *Server) newQueue(eq *engine.Queue) *queue {
	q := &queue{s: s, q: eq, fifo: eq.Config.FIFO}
	if s.disk != nil {
		q.sink = s.disk.sink(eq.Number)
	}
	return q
}

// Recovery is what Open found; zero for a Server in memory.
func (s *Server) Recovery() Recovery { return s.recovery }

// damaged is how an error of the journal is told that may be damage.
func damaged(err error) error {
	if err == nil {
		return nil
	}
	if d := (*journal.DamageError)(nil); errors.As(err, &d) {
		return fmt.Errorf("localqueue: %w", &DamageError{d.File, int64(d.Pos.Offset), d.Reason})
	}
	return fmt.Errorf("localqueue: %w", err)
}
