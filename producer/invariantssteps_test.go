package producer_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/quayside-go/quayside/producer"
)

// chance reports true once in n times, for goroutines other than the walk's.
func (x *walk) chance(body string, n int) bool {
	sum := 0
	for _, b := range []byte(body) {
		sum = sum*31 + int(b)
	}
	return sum%n == 0
}

func (x *walk) middleware(_ context.Context, m *producer.Message) (func(producer.Sent, error), error) {
	body, _, _ := strings.Cut(m.Body, " ")
	if x.rude && x.chance(body, 23) {
		return nil, errors.New("refused by middleware")
	}
	return func(producer.Sent, error) {
		x.mu.Lock()
		x.told[body]++
		var hold chan struct{}
		if x.chance(body, 37) {
			hold = make(chan struct{})
			x.blocked = append(x.blocked, hold)
		}
		x.mu.Unlock()
		x.look()
		if hold != nil {
			<-hold
		}
		if x.rude && x.chance(body, 19) {
			runtime.Goexit()
		}
	}, nil
}

func (x *walk) message() producer.Message {
	x.n++
	m := producer.Message{Body: fmt.Sprintf("%d %d ", x.n, x.calls), Group: fmt.Sprint(x.r.IntN(4))}
	switch x.r.IntN(12) {
	case 0:
		m.Body += strings.Repeat("x", x.r.IntN(900<<10))
	case 1:
		m.Body += "\x00" // wrong
	}
	return m
}

func (x *walk) answered(m producer.Message, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	name, _, _ := strings.Cut(m.Body, " ")
	x.answers[name]++
	x.errs[name] = err
}

// ctx is a context for messages, which may end one day.
func (x *walk) ctx() context.Context {
	switch x.r.IntN(3) {
	case 0:
		return context.Background()
	case 1:
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(x.r.IntN(5000))*time.Millisecond)
		x.cancels = append(x.cancels, cancel)
		return ctx
	}
	ctx, cancel := context.WithCancel(context.Background())
	x.cancels = append(x.cancels, cancel)
	return ctx
}

// step does something.
func (x *walk) step() string {
	r := x.r
	x.calls++
	switch r.IntN(9) {
	case 0: // ways to send
		ctx, m := x.ctx(), x.message()
		x.senders.Go(func() {
			_, err := x.p.Send(ctx, m)
			x.answered(m, err)
		})
		return "Send"
	case 1:
		ctx := x.ctx()
		var ms []producer.Message
		for range r.IntN(30) {
			ms = append(ms, x.message())
		}
		x.senders.Go(func() {
			rs, _ := x.p.SendAll(ctx, ms...)
			for i, m := range ms {
				x.answered(m, rs[i].Err)
			}
		})
		return fmt.Sprintf("SendAll of %d", len(ms))
	case 2:
		ctx := x.ctx()
		var ms []producer.Message
		for range 1 + r.IntN(15) {
			ms = append(ms, x.message())
		}
		x.senders.Go(func() {
			for _, m := range ms {
				c := x.p.SendAsync(ctx, m)
				x.senders.Go(func() {
					_, err := c.Wait(context.Background())
					x.answered(m, err)
				})
			}
		})
		return fmt.Sprintf("SendAsync of %d", len(ms))
	case 3, 4:
		return x.land(x.outcome())
	case 5:
		if len(x.cancels) > 0 {
			i := r.IntN(len(x.cancels))
			x.cancels[i]()
			return "cancel"
		}
	case 6:
		d := time.Duration(r.IntN(300)) * time.Millisecond
		if r.IntN(20) == 0 {
			d = time.Duration(r.IntN(300)) * time.Second
		}
		time.Sleep(d)
		return fmt.Sprint("sleep ", d)
	case 7:
		x.unblock(1)
		return "middleware goes on"
	case 8:
		if r.IntN(30) == 0 {
			x.close(time.Duration(r.IntN(3000)) * time.Millisecond)
			return "Close"
		}
	}
	return "-"
}

// unblock has up to n blocked middlewares go on.
func (x *walk) unblock(n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for ; n > 0 && len(x.blocked) > 0; n-- {
		close(x.blocked[0])
		x.blocked = x.blocked[1:]
	}
}

func (x *walk) close(patience time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	x.cancels = append(x.cancels, cancel)
	x.closed = true
	x.senders.Go(func() {
		x.p.Close(ctx)
		x.look()
	})
}
