package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// dump is the logical state of a store, the same for two that cannot be told
// apart by any later call, whatever their slots and blocks. brief: without what a log
// may have refused to take of receives.
func (r *run) dump(s *store, brief bool) string {
	var rows []string
	add := func(seq uint64, sent Time, group, content string, a arrival, rest string) {
		if a.first = 0; brief {
			rest = ""
		}
		rows = append(rows, fmt.Sprintf("%08d sent %d group %q content %s moved %v%s", seq, sent, group, content, a, rest))
	}
	s.each(func(id uint32, m *slot) {
		group := ""
		if m.group != 0 {
			group = string(s.groups.name(m.group))
		}
		due := m.due
		if m.state == visible && !s.set.FIFO {
			due = 0 // means nothing there
		}
		a := s.moved[m.seq]
		add(m.seq, m.sent, group, r.content(m.home()), a, fmt.Sprintf(" due %d state %d receives %d first %d, %d flags %d",
			due, m.state, m.receives, m.firstReceive(), a.first, m.flags&(flagChanged|flagMoved)))
	})
	s.cold.each(0, func(c cold) bool {
		add(c.seq, c.sent, "", r.content(c.home), arrival{}, fmt.Sprintf(" due 0 state %d receives 0 first 0, 0 flags 0", visible))
		return true
	})
	for _, a := range s.attempts.queue {
		if s.attempts.byID[a.id] == a && !brief {
			row := fmt.Sprintf("attempt %q at %d:", a.id, a.at)
			for _, h := range a.taken {
				row += fmt.Sprintf(" %d#%d at %d", h.Seq, h.Receive, h.At)
			}
			rows = append(rows, row)
		}
	}
	slices.Sort(rows)
	s.dedup.queue.each(func(e *dedupEntry) { rows = append(rows, fmt.Sprintf("accepted %d at %d", e.seq, e.at)) })
	if !brief {
		rows = append(rows, fmt.Sprintf("counts %+v spent %d", s.counts, s.spent))
	}
	return fmt.Sprintf("queue %d seq %d purged %d settings %+v scope %v at %d\n%s",
		s.number, s.seq, s.purged, s.set, s.dedup.group, s.scopeAt, strings.Join(rows, "\n"))
}

func (r *run) content(p Place) string {
	md5, blob, ok := Content(r.log.read(p))
	return fmt.Sprintf("%x %q %v", md5, blob, ok)
}

// stateOf is what recovery brings back. The past of tenants is not.
func (r *run) stateOf(e *Engine, brief bool) string {
	var b strings.Builder
	for _, q := range e.Queues() {
		s := q.Messages.(*store)
		s.advance(r.now)
		text, _ := json.Marshal(q.control())
		fmt.Fprintf(&b, "%s\n%s\n", text, r.dump(s, brief))
	}
	for name, again := range e.reusable {
		if again <= r.now {
			delete(e.reusable, name)
		}
	}
	fmt.Fprintf(&b, "names %v reusable %v", e.given, e.reusable)
	return b.String()
}

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return fmt.Sprintf("live:     %s\nreplayed: %s", a[i], strings.Join(b[i:min(i+1, len(b))], ""))
		}
	}
	return "replayed state is longer"
}
