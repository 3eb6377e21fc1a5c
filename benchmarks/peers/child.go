package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
)

// workerArgument makes this program be a worker that says what its handlers do: see beWorker.
const workerArgument = "be-worker"

// beWorker is the program of that worker: a peer that handles messages until ctx is done. It writes a line to out
// when a handler begins, and one when it is done; the line is out before the handler goes on.
func beWorker(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 5 {
		return fmt.Errorf("%d arguments, want a worker, a URL, a queue, how far away it is and how long handlers take", len(args))
	}
	i := slices.IndexFunc(peers, func(p peer) bool { return p.name == args[0] && p.absent == "" })
	if i < 0 {
		return fmt.Errorf("no worker is called %q", args[0])
	}
	away, err := time.ParseDuration(args[3])
	if err != nil {
		return err
	}
	takes, err := time.ParseDuration(args[4])
	if err != nil {
		return err
	}
	var mu sync.Mutex
	say := func(what string, n int) error {
		mu.Lock()
		defer mu.Unlock()
		_, err := fmt.Fprintf(out, what, n)
		return err
	}
	return peers[i].work(ctx, sdk.New(args[1], sdk.Far(away)), args[2], func(ctx context.Context, body string) error {
		n, _, err := remote.Read(body)
		if err != nil {
			return err
		}
		if err := say(saidBegin, n); err != nil {
			return err
		}
		if err := sdk.Rest(ctx, takes); err != nil {
			return err
		}
		return say(saidEnd, n)
	})
}

// started is such a worker's process.
type started struct {
	cmd    *exec.Cmd
	stderr strings.Builder // to be read once it has ended
	ended  chan struct{}   // closed once err is set
	err    error
}

// start starts a worker whose handlers are counted by t.
func (b *bench) start(p peer, url, queue string, t *tally) (*started, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	plan := b.plan.restart
	c := &started{ended: make(chan struct{})}
	c.cmd = exec.CommandContext(b.ctx, self, workerArgument, p.name, url, queue, plan.away.String(), plan.takes.String())
	c.cmd.Stderr = &c.stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if _, err := c.cmd.StdinPipe(); err != nil { // open as long as this process lives
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(c.ended)
		read := t.read(out)
		c.err = errors.Join(read, c.cmd.Wait())
		if c.err != nil {
			c.err = fmt.Errorf("%w: %s", c.err, strings.TrimSpace(c.stderr.String()))
		}
	}()
	return c, nil
}

// during waits for d. It returns early, with an error, if the process ends.
func (c *started) during(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-c.ended:
		return errors.Join(errors.New("the process ended by itself"), c.err)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// terminate tells the process to end, and ends it when the grace is over, as those do who run such processes. It
// returns how long it took and whether it was ended.
func (c *started) terminate(grace time.Duration) (took time.Duration, killed bool, err error) {
	start := time.Now()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		c.kill()
		return 0, true, err
	}
	select {
	case <-c.ended:
		return time.Since(start), false, c.err
	case <-time.After(grace):
		c.kill()
		return time.Since(start), true, nil
	}
}

// kill ends the process at once, if it has not ended.
func (c *started) kill() {
	_ = c.cmd.Process.Kill() // it has ended
	<-c.ended
}
