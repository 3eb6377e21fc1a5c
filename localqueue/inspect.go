package localqueue

import (
	"fmt"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// Inspection is what Inspect and Verify found in a directory.
type Inspection struct {
	Recovery
	Segments []SegmentInfo
	Stats    []QueueStats // as of now; what only a running server counts is 0
	Damage   *DamageError // the first, nil if there is none; what else is told stood before it
}

// SegmentInfo is one file of the log.
type SegmentInfo struct {
	Number uint32
	Bytes  int64 // written
	Live   int64 // of them are needed, about
	Sealed bool  // nothing is written to it any more
}

// Inspect looks at the directory of a durable server and changes nothing. It reads as
// much as Open does. No server may have the directory meanwhile (*InUseError).
func Inspect(dir string) (Inspection, error) { return inspect(dir, false) }

// Verify is Inspect, and reads and checks every byte.
func Verify(dir string) (Inspection, error) { return inspect(dir, true) }

func inspect(dir string, whole bool) (Inspection, error) {
	var found Inspection
	s := newServer(engine.NewMessages, nil)
	paper := reader{new(engine.Ledger)}
	s.engine.Began = s.now()
	s.engine.SetLogs(func(uint32) engine.Log { return paper })
	report, err := journal.Inspect(dir, whole, func(e journal.Entry) error {
		return s.engine.Replay(engine.Place{Segment: e.Pos.Segment, Offset: e.Pos.Offset, Length: e.Length}, e.Head)
	})
	if err != nil {
		return found, damaged(err)
	}
	if d := report.Damage; d != nil {
		found.Damage = &DamageError{d.File, int64(d.Pos.Offset), d.Reason}
	}
	exists := present(report.Segments)
	// Behind damage, what the log says may hang in the air: all the same it is told.
	s.ahead = max(0, s.engine.Newest()-s.now())
	if err := s.engine.Recovered(s.now(), func(n uint32) bool { return exists[n] }); err != nil && found.Damage == nil {
		return found, fmt.Errorf("localqueue: %w", incomplete(err))
	}
	found.Bytes = report.Bytes
	if report.Cut != nil {
		found.Cut = report.Cut.String()
	}
	for _, eq := range s.engine.Queues() {
		q := &queue{s: s, q: eq, fifo: eq.Config.FIFO}
		s.queues[eq.Name] = q
	}
	found.Stats = s.Stats()
	for _, q := range found.Stats {
		found.Queues++
		found.Messages += q.Visible + q.InFlight + q.Delayed
	}
	need := s.engine.Weigh()
	for _, info := range report.Segments {
		found.Segments = append(found.Segments, SegmentInfo{info.Number, info.Used, min(need[info.Number], info.Used), info.Sealed})
	}
	found.Took = time.Since(s.began)
	return found, nil
}

// present are the numbers of segments.
func present(list []journal.SegmentInfo) map[uint32]bool {
	there := map[uint32]bool{}
	for _, info := range list {
		there[info.Number] = true
	}
	return there
}

// incomplete adds to what the records lack, what can be done.
func incomplete(err error) error {
	return fmt.Errorf("%w; a file is missing, or is another directory's: put back what was there, or restore a backup", err)
}

// reader is the log of an engine that only reads.
type reader struct{ *engine.Ledger }

func (reader) Append(engine.Kind, []byte, int) engine.Place { return engine.Place{} }
