package engine

import (
	"encoding/json"
	"fmt"
	"slices"
)

func (e *Engine) replayControl(at Place, number uint32, now Time, text []byte) error {
	c := new(Control)
	if err := json.Unmarshal(text, c); err != nil {
		return fmt.Errorf("control of queue %d: %w: %w", number, errRecord, err)
	}
	if number == 0 {
		e.swapNoted(0, at.Segment)
		if copy(e.key[:], c.Key) != len(e.key) {
			return fmt.Errorf("control of no queue: %w", errRecord)
		}
		return nil
	}
	s := e.replica(number)
	s.replaying.control, s.replaying.noted = c, at.Segment
	s.now = max(s.now, now)
	s.seq, s.witness, s.progress = max(s.seq, c.Seq), at.Segment, 0
	if c.Purged > s.purged || c.Deleted != 0 {
		s.replayPurge(c.Purged, c.Deleted != 0)
	}
	return nil
}

// replayPurge forgets the messages up to a number, or all.
func (s *store) replayPurge(purged uint64, all bool) {
	if s.purged = purged; all {
		s.clear()
		s.replaying.runs = nil
		return
	}
	for _, b := range append(s.replaying.runs, &s.cold) {
		for b.n > 0 && b.first().seq <= purged {
			b.pop()
		}
	}
	s.loseThose(func(m *slot) bool { return m.seq <= purged })
	s.dedup.queue.keep(func(e *dedupEntry) bool { return e.seq > purged })
	s.attempts.queue = slices.DeleteFunc(s.attempts.queue, func(x *attempt) bool { return x.taken[0].Seq <= purged })
}
