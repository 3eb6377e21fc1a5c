package killtest_test

import (
	"fmt"
	"time"
)

// ending is how a life of the server ends.
type ending struct {
	after     time.Duration // of work, until it is killed
	answers   int64         // instead: how many, the last one of which kills
	closing   time.Duration // it is closed in order first, and killed when that has lasted so long; 0: it is not closed
	stillborn time.Duration // there is a next life, which is killed so long after it began, maybe before it serves
}

// drawEnd draws one: mostly it is killed at some instant, often right behind an answer.
func (r *run) drawEnd() ending {
	e := ending{after: time.Duration(20+r.rng.IntN(480)) * time.Millisecond}
	if r.brief {
		return ending{after: briefLife}
	}
	switch n := r.rng.IntN(100); {
	case n < 30:
		e.answers = int64(1 + r.rng.IntN(1500))
		e.after = 2 * time.Second
	case n < 38:
		e.closing = time.Duration(r.rng.IntN(20_000)) * time.Microsecond
	case n < 42:
		e.closing = startTimeout
	case n < 55:
		e.stillborn = time.Duration(1+r.rng.IntN(60_000)) * time.Microsecond
	}
	return e
}

// briefLife is how long lives are if they do not matter.
const briefLife = 80 * time.Millisecond

// closed is how a life ended that was not killed.
const closed = "closed"

// end ends the life of w, and says how.
func (r *run) end(w *worker, e ending) string {
	timer := time.NewTimer(e.after)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.struck:
	}
	switch {
	case e.closing > 0 && !r.dying.Load():
		r.dying.Store(true)
		if err := r.service.close(e.closing); err != nil {
			r.book.fault("life %d of the server: %v", w.life.number, err)
		}
		r.once.Do(func() { close(r.struck) })
		if e.closing == startTimeout {
			return closed
		}
		return fmt.Sprintf("killed %v after it began to close", e.closing)
	case e.answers > 0:
		r.strike()
		return fmt.Sprintf("killed behind answer %d", min(e.answers, r.answers.Load()))
	}
	r.strike()
	return "killed"
}
