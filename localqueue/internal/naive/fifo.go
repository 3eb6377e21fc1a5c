package naive

import "container/list"

// group is a message group of a FIFO queue that has messages.
type group struct {
	name     string
	messages list.List // of *message, by sequence number
}

func (q *queue) groupOf(name string) *group {
	g := q.groups[name]
	if g == nil {
		g = &group{name: name}
		q.groups[name] = g
	}
	return g
}

// pickFIFO goes on with the group that the reply was last served from, or else
// with the available group whose head waits longest.
func (q *queue) pickFIFO() *message {
	if g := q.groups[q.serving]; g != nil {
		if m := g.next(q.reply); m != nil {
			return m
		}
	}
	horizon := q.horizon()
	var best *message
	for _, g := range q.groups {
		if g.head().seq > horizon {
			continue
		}
		if m := g.next(q.reply); m != nil && (best == nil || m.waitsLonger(best)) {
			best = m
		}
	}
	return best
}

// horizon is the highest sequence number that the head of a group may have to
// be seen: that of the last message in the window.
func (q *queue) horizon() uint64 {
	if q.settings.Window == 0 || q.line.Len() <= q.settings.Window {
		return q.seq
	}
	e := q.line.Front()
	for range q.settings.Window - 1 {
		e = e.Next()
	}
	return e.Value.(*message).seq
}

func (g *group) head() *message { return g.messages.Front().Value.(*message) }

// next returns the message to hand out next from g, or nil: the first that the
// reply does not hold yet, if visible.
func (g *group) next(reply uint64) *message {
	for e := g.messages.Front(); e != nil; e = e.Next() {
		m := e.Value.(*message)
		if m.reply == reply {
			continue
		}
		if m.state == visible {
			return m
		}
		break
	}
	return nil
}

func (m *message) waitsLonger(o *message) bool {
	if m.ready != o.ready {
		return m.ready < o.ready
	}
	return m.seq < o.seq
}
