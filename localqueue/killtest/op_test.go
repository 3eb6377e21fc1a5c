package killtest_test

import (
	"fmt"
	"math"
	"time"
)

// instant is a moment of the run, by the monotonic clock, as the time since it began.
type instant = time.Duration

// forever is an instant that has not come.
const forever instant = math.MaxInt64

// lifetime is one life of the server.
type lifetime struct {
	number     int
	born, died instant // born: it served
	how        string  // it ended
}

// fate is what became of a request.
type fate uint8

const (
	pending fate = iota
	done         // answered, and well
	refused      // answered with an error: it has no effect
	lost         // not answered: it may have taken effect, until its server died
)

// op is one request, from before it was sent until after its answer came.
type op struct {
	begin, end instant
	life       *lifetime
	fate       fate
	code, text string // of the refusal
}

// latest is the last instant at which it may have taken effect.
func (o *op) latest() instant {
	if o.fate == done || o.fate == refused {
		return o.end
	}
	return o.life.died
}

func (o *op) String() string {
	if o == nil {
		return "   never"
	}
	at := fmt.Sprintf("%9.4fs", o.begin.Seconds())
	switch o.fate {
	case done:
		return fmt.Sprintf("%s  acked %.4fs", at, o.end.Seconds())
	case refused:
		return fmt.Sprintf("%s  refused %.4fs (%s: %s)", at, o.end.Seconds(), o.code, o.text)
	case lost:
		return at + "  no answer"
	}
	return at + "  under way"
}
