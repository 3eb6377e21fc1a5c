package localqueue

import (
	"cmp"
	"slices"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// QueueStats is what a queue holds now and did since it was made or opened. The
// names are those of SQS's CloudWatch metrics, shortened.
type QueueStats struct {
	Account, Region, Name string
	FIFO                  bool

	// The three counts of GetQueueAttributes.
	Visible, InFlight, Delayed int
	// OldestMessage is the age of the message sent longest ago, 0 if there is none.
	OldestMessage time.Duration

	Sent          uint64 // accepted by a send; not duplicates, not what was moved here
	Received      uint64 // messages handed out
	EmptyReceives uint64 // receives that handed nothing out
	Deleted       uint64 // by a delete; not expired, purged or moved ones
	Moved         uint64 // from here, by redrive policy or move task
	Damaged       uint64 // times a message could not be handed out since it cannot be read; see Options.OnDamage
}

// counters are the part of QueueStats that only ever grows.
type counters struct{ sent, received, empty, deleted, moved, damaged uint64 }

// Stats returns the figures of every queue, by account, region and name, each
// taken at one instant. A closed server has none.
func (s *Server) Stats() []QueueStats {
	s.mu.RLock()
	queues := make([]*queue, 0, len(s.queues))
	for _, q := range s.queues {
		queues = append(queues, q)
	}
	s.mu.RUnlock()
	stats := make([]QueueStats, 0, len(queues))
	for _, q := range queues {
		if q.lock() == nil { // else it was deleted just now
			stats = append(stats, q.stats(s.now()))
			q.mu.Unlock()
		}
	}
	slices.SortFunc(stats, func(a, b QueueStats) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Name, b.Name))
	})
	return stats
}

// stats are q's. The caller holds its lock.
func (q *queue) stats(at engine.Time) QueueStats {
	n, c := q.q.Messages.Counts(at), &q.did
	s := QueueStats{
		Account: q.q.Name.Account, Region: q.q.Name.Region, Name: q.q.Name.Queue, FIFO: q.fifo,
		Visible: n.Visible, InFlight: n.InFlight, Delayed: n.Delayed,
		Sent: c.sent, Received: c.received, EmptyReceives: c.empty, Deleted: c.deleted, Moved: c.moved, Damaged: c.damaged,
	}
	if sent := q.q.Messages.Oldest(at); sent != engine.Never {
		s.OldestMessage = time.Duration(max(at-sent, 0))
	}
	return s
}

// received counts what a receive found, or that it found nothing. The caller
// holds q's lock.
func (q *queue) received(messages int) {
	q.did.received += uint64(messages)
	if messages == 0 {
		q.did.empty++
	}
}
