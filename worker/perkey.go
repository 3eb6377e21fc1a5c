package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// PerKey returns a gate that has at most limit messages of one key handled at
// once, so that no tenant, say, takes all of a worker or of what is behind it:
//
//	worker.PerKey(2, func(m *worker.Message) string { return m.Group })
//
// It is for standard queues: on a FIFO queue, where the messages of a group are handled
// one at a time anyway, Run refuses it.
//
// Messages with the key "" are not limited, nor are those for which key panics.
// key is called once for each message, by many goroutines at once.
//
// What is in a message is known once it is received. So this gate holds no
// receive back: a message whose key has no room waits in the worker's hands,
// invisible to others, and starts in its turn, as soon as one of its key has
// ended. Messages of one key start in the order in which they came. Those that
// wait take up room in the worker: if most of a queue is of one key, so will
// most of what waits be. Workers that share the gate share the limit. Those that
// share several must have them in the same order: a message holds its place at the
// first while it waits for one at the next.
func PerKey(limit int, key func(*Message) string) Gate {
	if limit < 1 {
		return badGate{fmt.Errorf("PerKey: limit is %d, want 1 or more", limit)}
	}
	if key == nil {
		return badGate{errors.New("PerKey: the function is nil")}
	}
	return &perKey{key: key, ring: newKeyring(limit), starts: make(map[*Message]func(*Message))}
}

// A keyed gate also says which of the messages received may start.
type keyed interface {
	Gate
	// admit reports whether m may start now. If not, start is called once, with
	// m, when it may: by the goroutine whose Done or forget has made room, with
	// no lock held, perhaps before admit has returned. It must not block. Each
	// message given to admit ends in one call of Done or forget.
	admit(m *Message, start func(*Message)) bool
	// forget is for a message that goes back to its queue instead of being
	// handled: it gives up its place, or the hope of one. A start that is on its
	// way at that moment may arrive still.
	forget(m *Message)
}

type perKey struct {
	key func(*Message) string

	mu     sync.Mutex
	ring   *keyring
	starts map[*Message]func(*Message) // of those that wait or have waited
}

func (g *perKey) admit(m *Message, start func(*Message)) bool {
	key := g.keyOf(m)
	if key == "" {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ring.enter(key, m) {
		return true
	}
	g.starts[m] = start
	return false
}

// keyOf calls the user's function. Its panic must not end the worker, and must
// not keep a message from being handled.
func (g *perKey) keyOf(m *Message) (key string) {
	defer func() {
		if recover() != nil {
			key = ""
		}
	}()
	return g.key(m)
}

func (g *perKey) forget(m *Message) {
	g.mu.Lock()
	delete(g.starts, m)
	next := g.ring.leave(m)
	start := g.starts[next]
	g.mu.Unlock()
	if start != nil {
		start(next)
	}
}

// Take lets everything through.
func (g *perKey) Take(ctx context.Context, n int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return n, nil
}

// Return does nothing; forget names the message.
func (g *perKey) Return(int) {}

// Done makes room for the next message of m's key.
func (g *perKey) Done(m *Message, _ error) { g.forget(m) }
