package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/quayside-go/quayside/internal/eventsource"
	"github.com/quayside-go/quayside/internal/lambdaruntime"
	"github.com/quayside-go/quayside/localqueue"
)

// lastMoment is how long the end of the mapping is waited for once the processes are killed.
const lastMoment = 2 * time.Second

// driver drives the function with the messages of a queue.
type driver struct {
	f              runFlags
	log            *slog.Logger
	report         reporter
	stdout, stderr io.Writer
	env            []string // of the processes
}

// driveBeside drives the function while the server is up, which it is until the function
// has ended: that may send messages to the last.
func (d *driver) driveBeside(ctx context.Context, q *localqueue.Server, up func(context.Context) error) error {
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ctx, failed := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		defer failed()
		ended <- up(serving)
	}()
	err := d.drive(ctx, q)
	stop()
	return errors.Join(err, <-ended)
}

// drive polls the queue until ctx ends and what runs has ended.
func (d *driver) drive(ctx context.Context, c eventsource.Client) error {
	m, err := eventsource.Open(ctx, c, d.f.queueName(), func(o *eventsource.Options) {
		o.BatchSize, o.Window, o.WholeBatches, o.Timeout = d.f.batchSize, d.f.window, d.f.wholeBatch, d.f.timeout
		o.OnReport = d.report.invocation
		o.OnError = func(err error) { d.log.Warn("trouble with the queue", "error", err) }
	})
	if err != nil {
		return unlessStopped(ctx, err)
	}
	pool, err := d.pool(m.Queue())
	if err != nil {
		return fmt.Errorf("--exec: %w", err)
	}
	defer pool.Close()
	if advice := m.Advice(); advice != "" {
		d.log.Warn(advice)
	}
	d.log.Info("polling", "queue", m.Queue().ARN, "batch", d.f.batchSize, "window", d.f.window, "concurrency", d.f.concurrency, "timeout", d.f.timeout)
	second, forget := secondSignal(ctx)
	defer forget()
	defer context.AfterFunc(ctx, func() {
		d.log.Info("stopping: running invocations may end; a second Ctrl-C or SIGTERM stops at once")
	})()
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx, function{pool}) }()
	select {
	case err = <-done:
		pool.Close()
	case <-second:
		pool.Kill()
		select {
		case <-done: // so that the invocations cut off are reported
		case <-time.After(lastMoment):
		}
		err = errors.New("stopped at once; what was running comes back when its visibility timeout ends")
	}
	d.report.total(m.Totals())
	return err
}

// unlessStopped is err, if that is not due to a signal that came before anything was received.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (d *driver) pool(q eventsource.Queue) (*lambdaruntime.Pool, error) {
	return lambdaruntime.New(func(o *lambdaruntime.Options) {
		o.Command, o.Env = d.f.command, d.env
		o.Name, o.Handler, o.Memory, o.Region, o.Account = d.f.name, d.f.handler, d.f.memory, q.Region, q.Account
		o.Concurrency, o.Timeout, o.InitTimeout = d.f.concurrency, d.f.timeout, d.f.initTimeout
		o.Stdout, o.Stderr = d.stdout, d.stderr
		o.OnDown = func(err error) { d.log.Warn("a process of the function is down; another one is started", "why", err) }
	})
}

// function is a pool as a mapping sees it.
type function struct{ pool *lambdaruntime.Pool }

func (f function) Acquire(ctx context.Context) (eventsource.Environment, error) {
	s, err := f.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return s, nil
}
