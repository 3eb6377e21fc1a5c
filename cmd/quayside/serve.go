package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/quayside-go/quayside/localqueue"
)

// maxHeaders bounds the headers of a request, in bytes.
const maxHeaders = 64 << 10

// drainTimeout is how long requests under way may take once the server stops.
const drainTimeout = 10 * time.Second

// serve is `quayside serve`. It returns nil after ctx ended and the server
// stopped, an error if it could not start or not go on.
func serve(ctx context.Context, f serveFlags, stdout, stderr io.Writer) error {
	unheeded(syscall.SIGPIPE) // Ctrl-C also ends who reads the log
	return serveWith(ctx, f, stdout, newLogger(stderr, f.logLevel), nil)
}

// beside runs beside a server whose queues exist. Calling up serves until its context ends;
// once beside returns, the server is closed.
type beside func(ctx context.Context, q *localqueue.Server, endpoint string, up func(context.Context) error) error

// serveWith serves until ctx ends, or as long as with says, if that is not nil.
func serveWith(ctx context.Context, f serveFlags, stdout io.Writer, log *slog.Logger, with beside) error {
	files, err := readSetup(ctx, f, os.Getenv)
	if err != nil {
		return err
	}
	l, err := listen(ctx, f.addr)
	if err != nil {
		return err
	}
	defer l.Close()

	m, alarm, end := newMetrics(), newAlarm(log), &endLog{log: log}
	q, err := f.disk.open(func(o *localqueue.Options) {
		o.Region, o.Account, o.PublicURL = f.region, f.account, f.publicURL
		o.Credentials, o.AllowHosts, o.AllowOrigins = files.credentials, f.allowHosts, f.allowOrigins
		o.OnRequest = func(r localqueue.Request) {
			m.observe(r)
			if failed(r) {
				end.look()
			}
			alarm(r)
			logRequest(log, r)
		}
		o.OnDamage = newDamageLog(log)
	})
	if err != nil {
		return err
	}
	end.err = q.Err
	f.disk.tell(q.Recovery(), log)
	m.registry.MustRegister(queueCollector{q.Stats})
	if f.disk.dir != "" {
		m.registry.MustRegister(diskCollector{q.Disk})
	}
	h := &front{sqs: q, admits: q.Admits, metrics: m.handler(), err: q.Err}
	server := newHTTPServer(h, log)
	server.TLSConfig = files.tls
	server.RegisterOnShutdown(q.Drain) // when nothing new is accepted
	if err = files.create(ctx, q, f.queues, log); err == nil {
		err = f.faults.set(q, log) // which the queues are made without
	}
	switch {
	case err == nil:
		announce(f, l, q, stdout, log)
		up := func(ctx context.Context) error { return serveUntil(ctx, server, l, log, end.run) }
		if with == nil {
			err = up(ctx)
		} else {
			err = with(ctx, q, endpoint(f.addr, l, f.tlsCert != ""), up)
		}
	case ctx.Err() != nil:
		err = nil // stopped before it served
	case errors.As(err, new(*noRoomError)):
		err = fmt.Errorf("--dir %s: %w", f.disk.dir, err)
	}
	if err = f.disk.close(q, err); err == nil {
		log.Info("stopped")
	}
	return err
}

func newHTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	var protocols http.Protocols // HTTP/2 costs more, and 20,000 connections would carry millions of requests
	protocols.SetHTTP1(true)
	return &http.Server{
		Protocols:      &protocols,
		Handler:        h,
		MaxHeaderBytes: maxHeaders,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// announce tells the user where the server is, and the log who can reach it.
func announce(f serveFlags, l net.Listener, q *localqueue.Server, stdout io.Writer, log *slog.Logger) {
	a := announcement{
		endpoint: f.publicURL, queues: len(q.Stats()),
		region: f.region, account: f.account, credentials: f.credentials,
		dir: f.disk.dir, recovered: q.Recovery(),
	}
	if a.endpoint == "" {
		a.endpoint = endpoint(f.addr, l, f.tlsCert != "")
	}
	if f.credentials == "" && !isLoopback(l) {
		log.Warn("anyone who reaches the port can use the queues; --credentials admits only the keys you name", "addr", l.Addr())
	}
	log.Info("serving", "addr", l.Addr(), "queues", a.queues, "region", f.region, "account", f.account)
	if err := a.write(stdout); err != nil {
		log.Warn("cannot write to standard output", "error", err)
	}
}

// serveUntil serves the listener until ctx ends, then answers what is under way, for
// at most drainTimeout, and returns nil. It closes the listener. Meanwhile watch runs.
func serveUntil(ctx context.Context, server *http.Server, l net.Listener, log *slog.Logger, watch func(context.Context)) error {
	p := newPatience(l)
	server.ConnState = p.state
	watching, watched := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { p.run(watching) })
	running.Go(func() { watch(watching) })
	ended := make(chan error, 1)
	running.Go(func() {
		if server.TLSConfig != nil {
			ended <- server.ServeTLS(p, "", "")
		} else {
			ended <- server.Serve(p)
		}
	})
	defer func() {
		_ = server.Close() // cuts off what is still under way
		watched()
		running.Wait()
	}()
	select {
	case err := <-ended:
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	log.Info("stopping")
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if server.Shutdown(limit) != nil {
		log.Warn("requests still under way are cut off", "after", drainTimeout)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	}
	return nil
}
