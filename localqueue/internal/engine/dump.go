package engine

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Dump is all that an engine knows and has to find again after a crash, as it stands:
// nothing that time brought since the last call is in it. Tests compare it.
type Dump struct {
	Names    []Name // by number, deleted queues too
	Reusable map[Name]Time
	Queues   []QueueDump
}

// QueueDump is one queue.
type QueueDump struct {
	Number uint32
	Control
	Messages []MessageDump // by sequence number
	Accepted []AcceptedDump
	Attempts []AttemptDump
}

// MessageDump is a message, but for its content and where that stands.
type MessageDump struct {
	Seq             uint64
	Sent, Due       Time // Due 0: it means nothing
	State           string
	Receives, First uint32
	Changed, Moved  bool
	Group           string
	Origin          Origin
	Source, Base    uint32
	FirstSeen       Time
}

// AcceptedDump is an entry of the deduplication memory.
type AcceptedDump struct {
	Seq uint64
	At  Time
}

// AttemptDump is a remembered receive.
type AttemptDump struct {
	At   Time
	Text string
}

// Dump is the state. Registry and queues are held.
func (e *Engine) Dump() Dump {
	d := Dump{Names: e.given, Reusable: maps.Clone(e.reusable)}
	for _, q := range e.Queues() {
		x := QueueDump{Number: q.Number, Control: q.control()}
		if s, ok := q.Messages.(*store); ok {
			x.fill(s)
		}
		d.Queues = append(d.Queues, x)
	}
	return d
}

func (d *QueueDump) fill(s *store) {
	s.each(func(_ uint32, m *slot) { d.Messages = append(d.Messages, s.dumped(m)) })
	s.cold.each(0, func(c cold) bool {
		d.Messages = append(d.Messages, MessageDump{Seq: c.seq, Sent: c.sent, State: "visible"})
		return true
	})
	slices.SortFunc(d.Messages, func(a, b MessageDump) int { return cmp.Compare(a.Seq, b.Seq) })
	s.dedup.queue.each(func(e *dedupEntry) { d.Accepted = append(d.Accepted, AcceptedDump{e.seq, e.at}) })
	for _, x := range s.attempts.queue {
		if s.attempts.byID[x.id] != x {
			continue
		}
		text := fmt.Sprintf("attempt %q:", x.id)
		for _, h := range x.taken {
			text += fmt.Sprintf(" %d#%d", h.Seq, h.Receive)
		}
		d.Attempts = append(d.Attempts, AttemptDump{x.at, text})
	}
}

func (s *store) dumped(m *slot) MessageDump {
	a := s.moved[m.seq]
	d := MessageDump{
		Seq: m.seq, Sent: m.sent, Due: m.due, State: [...]string{"free", "delayed", "visible", "in flight"}[m.state],
		Receives: m.receives, First: m.first, Changed: m.flags&flagChanged != 0, Moved: m.flags&flagMoved != 0,
		Origin: a.origin, Source: a.source, Base: a.base, FirstSeen: a.first,
	}
	if m.state == visible && !s.set.FIFO {
		d.Due = 0
	}
	if m.group != 0 {
		d.Group = string(s.groups.name(m.group))
	}
	return d
}
