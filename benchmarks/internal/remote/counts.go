package remote

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

// Counts is what a server has seen since it started, and what one of its queues holds and did.
type Counts struct {
	Connections int64            // opened; the first is the control's
	Requests    map[string]int64 // begun, by action

	Visible, InFlight int
	Received, Deleted uint64 // messages
}

// Asked is how many requests were begun that a worker makes to handle messages.
func (c Counts) Asked() int64 {
	n := int64(0)
	for action, k := range c.Requests {
		if action != "GetQueueUrl" && action != "GetQueueAttributes" { // once, at its start
			n += k
		}
	}
	return n
}

// counter counts connections and requests.
type counter struct {
	connections atomic.Int64
	mu          sync.Mutex
	requests    map[string]int64
}

// connected counts a connection that was opened.
func (c *counter) connected(ctx context.Context, _ net.Conn) context.Context {
	c.connections.Add(1)
	return ctx
}

// begun counts a request, by the action in its header.
func (c *counter) begun(r *http.Request) {
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	c.mu.Lock()
	c.requests[action]++
	c.mu.Unlock()
}

// counts are those so far.
func (c *counter) counts() Counts {
	got := Counts{Connections: c.connections.Load(), Requests: map[string]int64{}}
	c.mu.Lock()
	defer c.mu.Unlock()
	for action, n := range c.requests {
		got.Requests[action] = n
	}
	return got
}
