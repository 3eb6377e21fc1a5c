package model_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/naive"
)

// TestManyMoves has more messages to move away than one receive does, in several
// groups or tenants, beside fresh ones: the engine stops, and goes on, where the oracle does.
func TestManyMoves(t *testing.T) {
	t.Parallel()
	for _, fifo := range []bool{false, true} {
		for groups := 1; groups <= 4; groups++ {
			want, got := moves(naive.New, fifo, groups), moves(engine.NewMessages, fifo, groups)
			if !slices.Equal(want, got) {
				t.Errorf("fifo %v, %d groups: the engine\n%v, the oracle\n%v", fifo, groups, got, want)
			}
			if want[0] != "50 moved, received []" {
				t.Errorf("fifo %v, %d groups: the first receive: %s", fifo, groups, want[0])
			}
		}
	}
}

// moves says what receives did to a queue of 90 messages that were received as often
// as allowed, and 10 others behind them.
func moves(make_ func(uint32) engine.Messages, fifo bool, groups int) (rows []string) {
	q, dead := make_(1), make_(2)
	set := engine.Settings{FIFO: fifo, Retention: time.Hour, MaxReceives: 1, MaxInFlight: 200}
	now := engine.Time(1e18)
	q.Configure(now, set)
	dead.Configure(now, engine.Settings{FIFO: fifo, Retention: time.Hour, MaxInFlight: 200})
	send := func(i int) {
		now++
		q.Send(now, &engine.Message{Group: fmt.Sprint("g", i%groups), Dedup: fmt.Sprint(i), Delay: -1})
	}
	for i := range 90 {
		send(i)
	}
	var b engine.Batch
	q.Receive(now, engine.Receive{Max: 90}, nil, &b)
	for i := range 10 {
		send(90 + i)
	}
	moved := 0
	for range 4 {
		b.Reset()
		now++
		q.Receive(now, engine.Receive{Max: 10, Visibility: time.Minute}, dead, &b)
		row := []uint64{}
		for _, d := range b.Deliveries {
			row = append(row, d.Handle.Seq)
		}
		before := moved
		moved = dead.Counts(now).Visible
		rows = append(rows, fmt.Sprintf("%d moved, received %v", moved-before, row))
	}
	return rows
}
