package main

import "fmt"

// workload is an operation whose throughput is compared.
type workload struct {
	name, title string
	unit        string // what is counted: one message, or the one request that it takes
	op          operation
	waiting     bool // every operation takes a message that was sent before
	sends       int  // messages that an operation sends
	takes       bool // it deletes messages: those that it counts
	sdk         bool // by the AWS SDK
}

var workloads = []workload{
	{name: "send", title: "SendMessage, 1 KB", unit: "request", op: send, sends: 1},
	{name: "batch", title: "SendMessageBatch of 10, 1 KB each", unit: "message", op: sendBatch, sends: 10},
	{name: "single", title: "ReceiveMessage of 1 and DeleteMessage, 1 KB", unit: "message", op: receiveDelete, waiting: true, takes: true},
	{name: "cycle", title: "SendMessageBatch of 10, ReceiveMessage of 10, DeleteMessageBatch of 10, 1 KB each", unit: "message", op: cycle, sends: 10, takes: true},
}

// left is how many messages more a queue has after that.
func (w workload) left(got spent) int {
	n := w.sends * got.operations
	if w.takes {
		n -= got.messages
	}
	return n
}

// connect opens connections, or makes callers of one SDK client.
func (w workload) connect(s *server, n int) ([]*caller, error) {
	if w.sdk {
		return s.sdkCallers(n), nil
	}
	return s.callers(n)
}

// compare measures a workload on all subjects with every number of connections.
func (b *bench) compare(w workload, subjects []subject) (map[int]map[string]*lane, error) {
	b.progress("%s", w.name)
	servers, err := b.up(w.name, subjects)
	if err != nil {
		return nil, err
	}
	all := map[int]map[string]*lane{}
	var before map[string]*lane
	for _, n := range connections {
		var lanes []*lane
		all[n], lanes = lanesOf(servers, w, before)
		before = all[n]
		b.progress("%s, %d connections", w.name, n)
		if err = b.race(fmt.Sprintf("%s with %d connections", w.name, n), lanes, n, b.plan.races); err != nil {
			return nil, fmt.Errorf("%s with %d connections: %w", w.name, n, err)
		}
	}
	return all, nil
}
