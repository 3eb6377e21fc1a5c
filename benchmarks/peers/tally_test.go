package main

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAccount(t *testing.T) {
	t.Parallel()
	count := newTally(5)
	for n, calls := range []struct{ begun, done int }{{1, 1}, {3, 2}, {2, 1}, {1, 0}, {0, 0}} {
		for range calls.begun {
			if err := count.begin(n); err != nil {
				t.Fatal(err)
			}
		}
		for range calls.done {
			if err := count.end(n); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := count.account()
	if want := (account{sent: 5, begun: 4, done: 3, calls: 7, again: 3, twice: 1, most: 3}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got.never() != 2 || count.ends() != 4 {
		t.Errorf("%d never, %d ends; want 2 and 4", got.never(), count.ends())
	}
	for _, n := range []int{-1, 5} {
		if count.begin(n) == nil || count.end(n) == nil {
			t.Errorf("message %d was counted", n)
		}
	}
}

// What a process says is counted, a line that was cut off by its end too if it is whole; anything else is an error.
func TestTallyReads(t *testing.T) {
	t.Parallel()
	count := newTally(20)
	said := fmt.Sprintf(saidBegin+saidEnd+saidBegin, 1, 1, 12)
	if err := count.read(strings.NewReader(said)); err != nil {
		t.Fatal(err)
	}
	if got := count.account(); got.calls != 2 || got.done != 1 || count.begun[12] != 1 {
		t.Errorf("got %+v", got)
	}
	for _, said := range []string{"hello\n", "begin x\n", "end 20\n", "begin -1\n"} {
		if err := newTally(20).read(strings.NewReader(said)); err == nil {
			t.Errorf("%q was counted", said)
		}
	}
}

// Messages that were not handled waited longer than any other, and those that come twice waited for the first time.
func TestClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClock(4)
		handle := func(n int) {
			if err := c.handle(t.Context(), fmt.Sprintf("%d %d text", n, time.Now().Add(-time.Duration(n+1)*time.Second).UnixNano())); err != nil {
				t.Fatal(err)
			}
		}
		handle(0)
		handle(1)
		time.Sleep(time.Second)
		handle(0)
		handle(9) // not of these
		waited, left := c.so()
		if waited[0] != 1 || waited[1] != 2 || left != 2 {
			t.Errorf("waited %v, %d left", waited, left)
		}
		var w waits
		w.add(waited, left, 1.5)
		if w.p50[0] != 2 || !math.IsInf(w.p99[0], 1) || w.left[0] != 2 || w.requests[0] != 1.5 {
			t.Errorf("got %+v", w)
		}
		handle(2)
		select {
		case <-c.none:
			t.Error("none is left, too early")
		default:
		}
		handle(3)
		<-c.none
		if c.handle(t.Context(), "the quick brown fox") == nil {
			t.Error("a message without a number was handled")
		}
	})
}
