package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/quayside-go/quayside/benchmarks/wire/internal/lean"
)

// errSlow is that a server cannot do in its time what others can.
var errSlow = errors.New("too slow")

// fill sends that many messages, rounded up to tens, by batches and a few connections, and returns how
// many. A server that needs longer than the limit sends fewer, which is an error; 0: there is none. It is told by
// the first part, which is small, if that is plain.
func (s *server) fill(q *requests, messages int, limit time.Duration) (sent int, err error) {
	callers, err := s.callers(loaders)
	defer hangUp(callers)
	if err != nil {
		return 0, err
	}
	point(callers, q)
	batches, op := (messages+9)/10, operation(sendBatch)
	if q.groups > 0 {
		op = sendGroups
	}
	first := min(batches, max(batches/20, 50))
	start := time.Now()
	for _, part := range []int{first, batches - first} {
		if part == 0 {
			continue
		}
		left := time.Duration(0)
		if limit > 0 {
			left = max(limit-time.Since(start), time.Millisecond)
		}
		got, err := s.driveFor(callers, part, left, op)
		sent += got.messages
		if err != nil {
			return sent, fmt.Errorf("send %d messages: %w", messages, err)
		}
		bound := limit
		if sent == 10*first {
			bound = 2 * limit // it may become faster
		}
		if all := time.Duration(float64(time.Since(start)) * float64(10*batches) / float64(max(sent, 1))); limit > 0 && sent < 10*batches && all > bound {
			return sent, fmt.Errorf("%w: %d messages would take it about %v to send, and %v is the limit", errSlow, messages, all.Round(time.Second), limit)
		}
	}
	return sent, nil
}

// holds asks how many messages a queue has, visible or not, and returns an error if it is another number: a server that
// did not do what it answered is not to be taken for a fast one. moved is how many were sent or deleted. A standard queue
// may deliver a message twice, so that one in twenty of those is let pass. A server that counts
// approximately gets a second to agree.
func (s *server) holds(q *requests, want, moved int) error {
	pass := 0
	if q.groups == 0 {
		pass = moved / 20
	}
	var got int
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		reply, err := s.ask(q.count)
		if err != nil {
			return fmt.Errorf("count the messages of a queue: %w", err)
		}
		got = 0
		for _, name := range []string{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"} {
			for _, v := range lean.Find(nil, reply, name) {
				n, err := strconv.Atoi(string(v))
				if err != nil {
					return fmt.Errorf("count the messages of a queue: %w", err)
				}
				got += n
			}
		}
		if max(got-want, want-got) <= pass {
			return nil
		}
		if time.Since(start) > time.Second {
			return fmt.Errorf("by what it answered its queue should have %d messages, after %d were moved; it says %d", want, moved, got)
		}
	}
}
