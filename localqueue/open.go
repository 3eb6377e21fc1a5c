package localqueue

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/hook"
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
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("localqueue: %s is not a directory", dir)
	}
	d, err := journal.OpenDir(dir)
	if err != nil {
		return nil, fmt.Errorf("localqueue: %w", err)
	}
	s, err := open(d, d, dir, opts)
	if err != nil {
		_ = d.Close() // it was only locked
		return nil, err
	}
	return s, nil
}

// open opens the server in dir, which has this name for people; closing it closes held.
func open(dir journal.Dir, held io.Closer, name string, opts []func(*Options)) (*Server, error) {
	s := newServer(engine.NewMessages, opts)
	if n := s.opts.SegmentSize; n != 0 && n < hook.LeastSegment {
		return nil, fmt.Errorf("localqueue: Options.SegmentSize is %d: it must be at least %d (2 MiB), so that each message fits", n, hook.LeastSegment)
	}
	if err := s.opts.Faults.check(); err != nil {
		return nil, err
	}
	d := &disk{dir: name, held: held, strict: s.opts.SyncReceives, sinks: map[uint32]*sink{}}
	s.disk = d
	d.cleaner.wake = make(chan struct{}, 1)
	s.engine.Began = s.now()
	s.engine.SetLogs(func(queue uint32) engine.Log { return d.sink(queue) })
	var lacks error // tells more than that it kept the journal from being opened
	o := journal.Options{
		Replayed: func() error {
			if err := s.engine.Complete(); err != nil {
				lacks = incomplete(err)
			}
			return lacks
		},
		SegmentSize: s.opts.SegmentSize, Sync: journal.SyncPolicy(s.opts.Sync),
		Sealed: func(uint32) { d.cleaner.look() }, Full: d.cleaner.look,
	}
	log, report, err := journal.Open(dir, o, func(e journal.Entry) error {
		return s.engine.Replay(engine.Place{Segment: e.Pos.Segment, Offset: e.Pos.Offset, Length: e.Length}, e.Head)
	})
	if err != nil {
		return nil, d.unopened(cmp.Or(lacks, err))
	}
	d.log = log
	clean := log.Clean()
	err = s.resume(report.Records == 0)
	if err == nil && !clean {
		err = s.leap()
	}
	if err != nil {
		_ = log.Close() // the first error tells more
		return nil, d.unopened(err)
	}
	s.recovery.Bytes, s.recovery.Took = report.Bytes, time.Since(s.began)
	if report.Cut != nil {
		s.recovery.Cut = report.Cut.String()
	}
	s.awake()
	return s, nil
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
