package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
	"github.com/quayside-go/quayside/worker"
)

// holderArgument makes this program be a worker whose memory is measured: see holder.
const holderArgument = "be-holder"

// holder is such a worker's process. Its handlers hold their messages for a while.
type holder struct{ process *process.Process }

// holding is what such a worker says of itself.
type holding struct{ Now, Most, Handled int }

// startHolder starts a worker of the queue at url.
func startHolder(ctx context.Context, url, queue string, handlers int, hold time.Duration) (*holder, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := process.Start(ctx, self, holderArgument, url, queue, strconv.Itoa(handlers), hold.String())
	if err != nil {
		return nil, err
	}
	return &holder{p}, nil
}

// state asks the worker how many messages it holds and has handled.
func (h *holder) state(ctx context.Context) (got holding, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second) // it may be busy
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+h.process.Addr, nil)
	if err != nil {
		return got, err
	}
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		return got, err
	}
	defer reply.Body.Close()
	return got, json.NewDecoder(reply.Body).Decode(&got)
}

// beHolder is the program of that process: it says on out where it can be asked, and returns when ctx is
// done or the worker ends.
func beHolder(ctx context.Context, out io.Writer, args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("%d arguments, want a URL, a queue, a number of handlers and how long they hold a message", len(args))
	}
	handlers, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	hold, err := time.ParseDuration(args[3])
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h := newCrowd(handlers, hold)
	web := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() { _ = web.Serve(l) }() // until it is closed
	defer web.Close()
	if _, err := fmt.Fprintf(out, "%s%s\n", process.Announcement, l.Addr()); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = worker.New(sdk.New(args[0], sdk.Far(0)), args[1], worker.HandlerFunc(h.hold), func(o *worker.Options) {
		o.Concurrency = handlers
		o.DrainTimeout = time.Second
		prefetch(o)
	}).Run(ctx)
	if _, ok := errors.AsType[*worker.DrainError](err); ok {
		return nil // it was told to end with messages in its hands
	}
	return err
}

// hold handles a message and keeps it until all handlers have had one, and as long as the crowd takes.
func (h *crowd) hold(ctx context.Context, m *worker.Message) error {
	defer runtime.KeepAlive(m)
	h.enter()
	defer h.leave()
	select {
	case <-h.full:
		return sdk.Rest(ctx, h.takes)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ServeHTTP answers with the state.
func (h *crowd) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	h.mu.Lock()
	got := holding{h.now, h.most, h.handled}
	h.mu.Unlock()
	_ = json.NewEncoder(w).Encode(got) // the asker is gone: nobody reads this
}
