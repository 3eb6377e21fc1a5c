package eventsource

import (
	"crypto/rand"
	"fmt"
	"time"
)

// Report is what became of an invocation.
type Report struct {
	RequestID string
	Records   int
	Failed    int           // of the records: not handled, they come back
	Err       error         // why all of them failed; nil: the response names them
	Undeleted int           // handled, but could not be deleted: they come back too
	DeleteErr error         // the last error of a delete, also of one that then succeeded
	Duration  time.Duration // of the invocation
}

// Totals are the sums of all reports.
type Totals struct {
	Invocations, Errors        int // all, and those that failed as a whole
	Records, Failed, Undeleted int
}

// Totals returns the sums so far.
func (m *Mapping) Totals() Totals {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.totals
}

func (m *Mapping) count(r Report) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := &m.totals
	t.Invocations++
	t.Records += r.Records
	t.Failed += r.Failed
	t.Undeleted += r.Undeleted
	if r.Err != nil {
		t.Errors++
	}
}

// newRequestID is a random UUID, as Lambda's request ids are.
func newRequestID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
