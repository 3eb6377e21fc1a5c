package main

import (
	"bufio"
	"fmt"
	"io"
	"sync"
)

// tally counts what becomes of messages that have numbers from 0. A message is begun when a handler is called for
// it, and done when that has returned without an error.
type tally struct {
	mu          sync.Mutex
	begun, done []int // by number
	ended       int   // handlers that have returned without an error
}

func newTally(messages int) *tally {
	return &tally{begun: make([]int, messages), done: make([]int, messages)}
}

// begin and end count a handler that begins, and one that is done. They refuse numbers that were not sent.
func (t *tally) begin(n int) error { return t.count(t.begun, n, 0) }
func (t *tally) end(n int) error   { return t.count(t.done, n, 1) }

func (t *tally) count(of []int, n, ended int) error {
	if n < 0 || n >= len(of) {
		return fmt.Errorf("message %d was handled, but %d were sent", n, len(of))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	of[n]++
	t.ended += ended
	return nil
}

// account is what a tally comes to.
type account struct {
	sent, begun, done int // messages
	calls             int // of handlers
	again             int // of handlers, for messages that were begun before
	twice             int // handlers done with messages that were done before
	most              int // calls for one message
}

// never is how many messages no handler was ever done with.
func (a account) never() int { return a.sent - a.done }

func (t *tally) account() account {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := account{sent: len(t.begun)}
	for n := range t.begun {
		begun, done := t.begun[n], t.done[n]
		a.calls += begun
		a.most = max(a.most, begun)
		a.begun += min(begun, 1)
		a.done += min(done, 1)
		a.again += max(begun-1, 0)
		a.twice += max(done-1, 0)
	}
	return a
}

// ends is how many handlers are done.
func (t *tally) ends() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ended
}

// What a process says of its handlers, a line each, with the message's number.
const (
	saidBegin = "begin %d\n"
	saidEnd   = "end %d\n"
)

// read counts what a process says until it ends.
func (t *tally) read(r io.Reader) error {
	in := bufio.NewScanner(r)
	for in.Scan() {
		var n int
		var err error
		if _, e := fmt.Sscanf(in.Text()+"\n", saidBegin, &n); e == nil {
			err = t.begin(n)
		} else if _, e := fmt.Sscanf(in.Text()+"\n", saidEnd, &n); e == nil {
			err = t.end(n)
		} else {
			err = fmt.Errorf("a worker said %q", in.Text())
		}
		if err != nil {
			_, _ = io.Copy(io.Discard, r) // lest the process wait for a reader
			return err
		}
	}
	return in.Err()
}
