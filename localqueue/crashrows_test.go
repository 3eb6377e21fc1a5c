package localqueue

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// Moving reports whether a move task runs.
func (d Dump) Moving() bool {
	return slices.ContainsFunc(d.Queues, func(q QueueDump) bool { return q.Moving })
}

// At is the dump of the same state later, with what time alone does to it.
func (d Dump) At(now int64) Dump {
	d.Resume = maps.Clone(d.Resume)
	maps.DeleteFunc(d.Resume, func(_ string, at int64) bool { return at <= now })
	d.Queues = slices.Clone(d.Queues)
	for i := range d.Queues {
		d.Queues[i].pass(now)
	}
	return d
}

func (d *QueueDump) pass(now int64) {
	var messages []engine.MessageDump
	for _, m := range d.Messages {
		if m.Sent+d.Retention <= now {
			continue
		}
		if m.State != "visible" && m.Due <= now {
			m.State = "visible"
			if !d.Config.FIFO {
				m.Due = 0
			}
		}
		messages = append(messages, m)
	}
	d.Messages = messages
	var accepted []engine.AcceptedDump
	for _, e := range d.Accepted {
		if e.At+int64(engine.DedupWindow) > now {
			accepted = append(accepted, e)
		}
	}
	d.Accepted = accepted
	var attempts []engine.AttemptDump
	for _, x := range d.Attempts {
		if x.At+int64(engine.AttemptWindow) > now {
			attempts = append(attempts, x)
		}
	}
	d.Attempts = attempts
	if d.ScopeAt <= now {
		d.GroupScope, d.ScopeAt = d.Scope, engine.Never
	}
}

// Rows are the dump in words, one line for each thing, which says first what it is about.
func (d Dump) Rows() []string {
	rows := []string{fmt.Sprintf("names %v", d.Names), fmt.Sprintf("resume %v", d.Resume)}
	for _, q := range d.Queues {
		number := strings.Join(strings.Fields(q.Rest)[:2], " ")
		rows = append(rows, fmt.Sprintf("%s scope %v %v at %v", q.Rest, q.GroupScope, q.Scope, q.ScopeAt))
		rows = append(rows, fmt.Sprintf("%s last %d", number, q.Last))
		for _, m := range q.Messages {
			rows = append(rows, fmt.Sprintf("%s message %d: %+v", number, m.Seq, m))
		}
		for _, e := range q.Accepted {
			rows = append(rows, fmt.Sprintf("%s accepted %d at %v", number, e.Seq, time.Duration(e.At)))
		}
		for _, x := range q.Attempts {
			rows = append(rows, fmt.Sprintf("%s at %v %s", number, time.Duration(x.At), x.Text))
		}
	}
	return rows
}

// Equal reports whether no later call could tell the two apart.
func (d Dump) Equal(o Dump) bool {
	return slices.Equal(d.Names, o.Names) && maps.Equal(d.Resume, o.Resume) && slices.EqualFunc(d.Queues, o.Queues, func(a, b QueueDump) bool {
		return a.Rest == b.Rest && a.Last == b.Last && a.GroupScope == b.GroupScope && a.ScopeAt == b.ScopeAt && a.Scope == b.Scope &&
			slices.Equal(a.Messages, b.Messages) && slices.Equal(a.Accepted, b.Accepted) && slices.Equal(a.Attempts, b.Attempts)
	})
}
