package killtest_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/smithy-go"
)

// book is the record of all that was asked and answered. Its mutex guards whatever
// hangs on it: messages, queues, scenes, requests.
type book struct {
	mu      sync.Mutex
	began   time.Time
	lives   []*lifetime
	tokens  uint64 // given
	ids     map[string]uint64
	old     [2]map[uint64]*message // gone at the last drains; older ones are known by their token
	known   map[uint64]*message
	scenes  []*scene
	faults  []string // found
	stopped bool     // so many were found that the rest is noise
	limit   int      // so many
}

func newBook() *book {
	b := &book{limit: mostFaults, began: time.Now(), ids: map[string]uint64{}, known: map[uint64]*message{}}
	b.old[0], b.old[1] = map[uint64]*message{}, map[uint64]*message{}
	return b
}

func (b *book) now() instant { return time.Since(b.began) }

// mostFaults end a run.
const mostFaults = 10

// faultf records that something is wrong. The caller holds the lock.
func (b *book) faultf(format string, args ...any) {
	if b.stopped {
		return
	}
	b.faults = append(b.faults, fmt.Sprintf("at %.4fs: ", b.now().Seconds())+fmt.Sprintf(format, args...))
	b.stopped = len(b.faults) >= b.limit
}

// fault is faultf for callers without the lock.
func (b *book) fault(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faultf(format, args...)
}

// accuse is a fault of one message, with all that is known of it.
func (b *book) accuse(m *message, format string, args ...any) {
	b.faultf("message m%d, sent to %s: %s\n%s", m.token, m.home.name, fmt.Sprintf(format, args...), b.history(m))
}

// broken reports whether the run should end.
func (b *book) broken() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stopped
}

// begin is a request about to be sent.
func (b *book) begin(life *lifetime) *op { return &op{begin: b.now(), end: forever, life: life} }

// end notes how a request ended; dying says that its server was about to, at least.
func (b *book) end(o *op, err error, dying bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o.end = b.now()
	var api smithy.APIError
	switch {
	case err == nil:
		o.fate = done
	case errors.As(err, &api):
		o.fate, o.code, o.text = refused, api.ErrorCode(), api.ErrorMessage()
	default:
		o.fate = lost
		if !dying {
			b.faultf("a request of %s failed, though nobody killed the server: %v", o, err)
		}
	}
}

// event is something that happened to a message.
type event struct {
	op   *op
	text string
}

func (m *message) note(o *op, format string, args ...any) {
	m.events = append(m.events, event{o, fmt.Sprintf(format, args...)})
}

// history is what happened to m, and the ends of lives between.
func (b *book) history(m *message) string {
	var s strings.Builder
	lives := b.lives
	for _, e := range m.events {
		for ; len(lives) > 0 && lives[0].died < e.op.begin; lives = lives[1:] {
			if lives[0].died > m.sends[0].begin {
				writeEnd(&s, lives[0])
			}
		}
		fmt.Fprintf(&s, "\t%s  %s\n", e.op, e.text)
	}
	for _, l := range lives {
		if l.died != forever {
			writeEnd(&s, l)
		}
	}
	const most = 60
	lines := strings.SplitAfter(s.String(), "\n")
	if len(lines) > most {
		lines = append(append(lines[:most/2:most/2], "\t[...]\n"), lines[len(lines)-most/2:]...)
	}
	return fmt.Sprintf("\t%d bytes, group %q, deduplication id %q, delay %v, MessageId %q, sequence number %q\n%s",
		m.size, m.group, m.dedup, m.delay, m.sentID, m.sentSeq, strings.Join(lines, ""))
}

// ends are the ends of lives since o began.
func (b *book) ends(o *op) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var s strings.Builder
	for _, l := range b.lives {
		if o != nil && l.died != forever && l.died > o.begin {
			writeEnd(&s, l)
		}
	}
	return s.String()
}

func writeEnd(s *strings.Builder, l *lifetime) {
	fmt.Fprintf(s, "\t%9.4fs  -- life %d of the server ends: %s\n", l.died.Seconds(), l.number, l.how)
}
