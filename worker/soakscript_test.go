package worker_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/worker"
)

// soakQueue is a queue of the soak tests, with its dead-letter queue.
type soakQueue struct {
	name, dead string
	visibility time.Duration
	receives   int // maxReceiveCount
	groups     int // 0: a standard queue
	share      int // of all messages, in percent
}

var soakQueues = []soakQueue{
	{"orders", "orders-dlq", 30 * time.Second, 15, 0, 50},
	{"reports", "reports-dlq", 2 * time.Minute, 15, 0, 20},
	{"jobs.fifo", "jobs-dlq.fifo", time.Minute, 4, 60, 30},
}

func (q soakQueue) fifo() bool { return q.groups > 0 }

// soakJob is what the body of a message says. How its handler fares follows from
// the seed and N.
type soakJob struct {
	N     int
	Group string `json:",omitempty"`
	// Stuck has its first handler run for hours, whatever happens to its context.
	Stuck bool `json:",omitempty"`
}

// soakTurn is one call of a handler.
type soakTurn struct {
	takes time.Duration
	deaf  bool // it does not look at its context
	end   soakEnd
}

// soakEnd is how a turn ends.
type soakEnd string

const (
	soakDone     soakEnd = "done"
	soakFails    soakEnd = "fails"
	soakRetries  soakEnd = "retry after"
	soakSnoozes  soakEnd = "snooze"
	soakPanics   soakEnd = "panics"
	soakExits    soakEnd = "exits"
	soakDiscards soakEnd = "discards"
	soakBuries   soakEnd = "dead-letters"
	soakGarbled  soakEnd = "undecodable"
	soakPoison   soakEnd = "poison" // it always fails
)

var errSoak = errors.New("the soak's script says so")

// soakScript is what the seed says about messages.
type soakScript struct{ seed uint64 }

func (s soakScript) draw(n, what int) *rand.Rand {
	return rand.New(rand.NewPCG(s.seed, uint64(n)<<16|uint64(what)))
}

// last is how a message ends for good.
func (s soakScript) last(j soakJob) soakEnd {
	switch p := s.draw(j.N, 0).IntN(100); {
	case j.Stuck:
		return soakDone
	case p < 2:
		return soakDiscards
	case p < 4:
		return soakBuries
	case p < 6:
		return soakGarbled
	case p < 8:
		return soakPoison
	}
	return soakDone
}

// turn is the i-th call, from 0, of the handler of a job.
func (s soakScript) turn(j soakJob, i int) soakTurn {
	r := s.draw(j.N, 1+i)
	t := soakTurn{takes: soakDuration(r), deaf: r.IntN(4) == 0, end: s.last(j)}
	if j.Stuck && i == 0 {
		return soakTurn{takes: time.Hour + time.Duration(r.Int64N(int64(2*time.Hour))), deaf: true, end: soakDone}
	}
	if t.end == soakPoison || t.end == soakGarbled {
		t.takes = min(t.takes, time.Minute)
	}
	if p := s.draw(j.N, 1<<15).IntN(100); i == 0 && p < 30 || i == 1 && p < 10 {
		t.end = []soakEnd{soakFails, soakFails, soakRetries, soakSnoozes, soakPanics, soakExits}[r.IntN(6)]
	}
	return t
}

// soakDuration is short for most, some seconds for many, and up to three hours for a few.
func soakDuration(r *rand.Rand) time.Duration {
	upTo := func(d time.Duration) time.Duration { return time.Duration(r.Int64N(int64(d))) }
	switch p := r.IntN(1000); {
	case p < 750:
		return upTo(time.Second)
	case p < 950:
		return upTo(40 * time.Second)
	case p < 990:
		return upTo(15 * time.Minute)
	case p < 997:
		return upTo(time.Hour)
	}
	return upTo(3 * time.Hour)
}

// result is what the handler returns at the end of the turn, if it returns.
func (t soakTurn) result(r *rand.Rand) error {
	switch t.end {
	case soakDone:
		return nil
	case soakRetries:
		return worker.RetryAfter(time.Duration(r.Int64N(int64(10*time.Minute))), errSoak)
	case soakSnoozes:
		return fmt.Errorf("not yet: %w", worker.Snooze(time.Duration(r.Int64N(int64(time.Minute)))))
	case soakPanics:
		panic(errSoak)
	case soakExits:
		runtime.Goexit()
	case soakDiscards:
		return worker.Discard(errSoak)
	case soakBuries:
		return worker.DeadLetter(errSoak)
	}
	return errSoak
}

// body is the text of a message; one that cannot be decoded is cut short.
func (s soakScript) body(j soakJob) string {
	text, _ := json.Marshal(j)
	if s.last(j) == soakGarbled {
		return strings.TrimSuffix(string(text), "}")
	}
	return string(text)
}

// soakAttributes are the message attributes of a job.
func soakAttributes(j soakJob) map[string]types.MessageAttributeValue {
	return map[string]types.MessageAttributeValue{"Number": {DataType: new("Number"), StringValue: new(strconv.Itoa(j.N))}}
}

// soakJobOf reads a body, also one that cannot be decoded.
func soakJobOf(body string) (j soakJob) {
	if json.Unmarshal([]byte(body), &j) != nil && json.Unmarshal([]byte(body+"}"), &j) != nil {
		panic("soak: a body of nobody's: " + strconv.Quote(body))
	}
	return j
}
