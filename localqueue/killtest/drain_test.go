package killtest_test

import (
	"sync"
	"time"
)

// mostWait is how long emptying all queues may take: what hides messages ends in much
// less.
const mostWait = 20 * time.Second

// holdFor is the timeout of receives that empty a queue.
const holdFor = 45 * time.Second

// empty receives all that is there, until every scene is empty or has all its messages
// in flight here. What must be there and is not is lost.
func (w *worker) empty() {
	w.rest(true)
	var all sync.WaitGroup
	for i, s := range w.book.scenes {
		if s.loose || s.silent {
			continue
		}
		c := w.worker(w.life, w.base, 1000+i)
		all.Go(func() { c.emptyScene(s) })
	}
	all.Wait()
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	w.book.old[1], w.book.old[0] = w.book.old[0], map[uint64]*message{}
	for _, s := range w.book.scenes {
		for m := range s.messages {
			if m.presence() == absent {
				m.settled = min(m.settled, w.book.now())
				delete(s.messages, m)
				delete(w.book.known, m.token)
				for _, id := range append(m.past, m.id, m.sentID) {
					delete(w.book.ids, id)
				}
				w.book.old[0][m.token] = m
			}
		}
		s.backlog = len(s.messages)
		for _, q := range s.queues {
			q.unanswered = keepIf(q.unanswered, func(m *message) bool { return m.settled == forever })
			if !s.loose {
				q.purges = nil // nothing is left that they could have reached
			}
		}
	}
}

func (w *worker) emptyScene(s *scene) {
	began := w.book.now()
	if s.rest != nil {
		s.rest(w)
	}
	held := map[*queue][]*delivery{}
	for w.book.now() < began+mostWait && !w.book.broken() {
		w.release(s)
		got := 0
		for _, q := range s.queues {
			for {
				ds := w.receive(q, 10, holdFor, 0)
				got += len(ds)
				if q.fifo && !s.stays {
					w.delete(q, ds, true) // the groups would stay locked
				} else {
					held[q] = append(held[q], ds...)
				}
				if len(ds) == 0 {
					break
				}
			}
		}
		if got == 0 && w.nothingElse(s, held) {
			break
		}
		if got == 0 {
			w.await(20 * time.Millisecond)
		}
	}
	w.account(s, began)
	w.dispose(s, held)
}

// await waits, also while the clients rest.
func (w *worker) await(d time.Duration) { time.Sleep(d) }

// nothingElse reports whether the queues have what is held and nothing else.
func (w *worker) nothingElse(s *scene, held map[*queue][]*delivery) bool {
	for _, q := range s.queues {
		c, ok := w.count(q.name)
		if !ok || c.visible+c.delayed > 0 || c.inFlight != len(held[q]) && !(q.lasts > 0 && c.inFlight < len(held[q])) {
			return false
		}
	}
	return true
}

// release makes visible what somebody has hidden for long.
func (w *worker) release(s *scene) {
	hidden := map[*queue][]*delivery{}
	w.book.mu.Lock()
	for m := range s.messages {
		for _, d := range m.received {
			if d.long && m.presence() != absent {
				d.long = false
				hidden[d.queue] = append(hidden[d.queue], d)
			}
		}
	}
	w.book.mu.Unlock()
	for q, ds := range hidden {
		w.change(q, ds, 0, true)
	}
}

// account looks for what is missing, and settles what was uncertain.
func (w *worker) account(s *scene, began instant) {
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	for m := range s.messages {
		here := m.seen >= began
		switch p := m.presence(); {
		case p == certain && !here:
			w.book.accuse(m, "is lost: it was not there when all queues were emptied, from %.4fs to %.4fs", began.Seconds(), w.book.now().Seconds())
		case p == possible && !here:
			m.settled = w.book.now()
		}
		missed := 0
		for _, o := range s.missed {
			if o.latest() > m.sends[0].begin {
				missed++
			}
		}
		if here && m.missing() > missed {
			w.book.accuse(m, "counts %d receives of which nobody was told; only %d receives were not answered", m.missing(), missed)
		}
	}
	if s.moves {
		w.accountMoves(s)
	}
}

// dispose deletes most of what is held and gives the rest back. The counts then have
// to be exact.
func (w *worker) dispose(s *scene, held map[*queue][]*delivery) {
	for q, ds := range held {
		var deletes, back []*delivery
		for _, d := range ds {
			if chance(w.rng, 30) == s.stays {
				deletes = append(deletes, d)
			} else {
				back = append(back, d)
			}
		}
		w.delete(q, deletes, true)
		w.change(q, back, 0, true)
		if c, ok := w.count(q.name); ok && c.all() != len(back) && q.lasts == 0 {
			w.book.fault("life %d: %s has %d messages (%d visible, %d in flight, %d delayed) after all but %d were deleted",
				w.life.number, q.name, c.all(), c.visible, c.inFlight, c.delayed, len(back))
		}
	}
}
