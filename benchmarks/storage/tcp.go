package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/child"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

// Who is compared over TCP.
const (
	inProcess = "quayside in process"
	overHTTP  = "quayside over HTTP"
	natsName  = "NATS JetStream"
	redisName = "Redis"
)

// rival is a server that stores a message before it answers, or quayside in process.
type rival struct {
	name  string
	put   []child.Operation               // of each caller: one message
	drive func(plan) (child.Spent, error) // instead of put, where the callers are elsewhere
	clear func(put int) error             // removes all messages, of which there must be as many
	stop  []func()                        // from the last to the first
	series
}

// end stops what was started.
func (r *rival) end() {
	for _, stop := range slices.Backward(r.stop) {
		stop()
	}
}

// tcp has 64 connections put messages one by one, on servers that sync before they answer: quayside, which is called
// in process as well, NATS and Redis. Those that cannot be had are skipped.
func (b *bench) tcp() error {
	all, err := b.rivals()
	defer func() {
		for _, r := range all {
			r.end()
		}
	}()
	if err != nil {
		return err
	}
	for round := range b.plan.rounds + 1 {
		b.progress("tcp, round %d of %d", round, b.plan.rounds)
		for i := range all {
			if err := all[(round+i)%len(all)].round(b.plan, round > 0); err != nil {
				return err
			}
		}
	}
	b.tabulateTCP(all)
	return nil
}

// rivals are all that can be had. The caller ends them, also after an error.
func (b *bench) rivals() ([]*rival, error) {
	var all []*rival
	for _, x := range []struct {
		name     string
		start    func() (*rival, error)
		optional bool
	}{
		{inProcess, b.processRival, false}, {overHTTP, b.httpRival, false},
		{natsName, b.natsRival, false}, {redisName, b.redisRival, true},
	} {
		r, err := x.start()
		if r != nil {
			all = append(all, r)
		}
		switch {
		case err == nil:
		case x.optional && r == nil && b.ctx.Err() == nil:
			b.report.Skip(x.name, err)
		default:
			return all, fmt.Errorf("%s: %w", x.name, err)
		}
	}
	return all, nil
}

// processRival is quayside as it is called in process.
func (b *bench) processRival() (*rival, error) {
	p, err := b.start(store.Quayside)
	if err != nil {
		return nil, err
	}
	return &rival{
		name: inProcess, stop: []func(){func() { drop(p) }}, clear: func(put int) error { return taken(p, put) },
		drive: func(x plan) (child.Spent, error) { return p.Put(connections, 1, x.slice) },
	}, nil
}

// httpRival is quayside as it is called over HTTP.
func (b *bench) httpRival() (*rival, error) {
	w, err := b.web(store.Quayside)
	if w == nil {
		return nil, err
	}
	r := &rival{name: overHTTP, clear: func(put int) error { return taken(w.process, put) }}
	r.stop = []func(){func() { drop(w.process) }, w.hangUp}
	for _, c := range w.conns {
		r.put = append(r.put, func() (int, error) { return 1, c.send(1) })
	}
	return r, err
}

// taken takes all messages of a store, of which there must be as many as were put.
func taken(p *child.Process, put int) error {
	got, err := p.Take(connections, ten, patience)
	if err == nil && got.Messages != put {
		err = fmt.Errorf("%d messages were put, %d received", put, got.Messages)
	}
	return err
}

// room is a directory for a server that is no store of ours, and what removes it.
func (b *bench) room(name string) (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp(b.dir, name+"-")
	return dir, func() { _ = os.RemoveAll(dir) }, err // what is left is removed with the run's directory
}

// round puts for a slice, and removes what was put.
func (r *rival) round(p plan, counts bool) error {
	drive := r.drive
	if drive == nil {
		drive = func(p plan) (child.Spent, error) { return child.Drive(r.put, p.slice) }
	}
	got, err := drive(p)
	if err == nil {
		err = r.clear(got.Messages)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	if counts {
		r.add(got)
	}
	return nil
}

func (b *bench) tabulateTCP(all []*rival) {
	t := b.report.Table(fmt.Sprintf("Durable enqueue of 1 KB, %d callers, one by one; a connection each where there is a server", connections),
		"server", "messages/s", "p50 us", "p99 us", inProcess+" is x", overHTTP+" is x")
	ours, web := all[0], all[1]
	for _, r := range all {
		x := stats.Ratio(ours.rate, r.rate)
		t.Row(slices.Concat([]string{r.name}, r.columns()[:3], []string{report.Ratio(x), report.Ratio(stats.Ratio(web.rate, r.rate))})...)
		r.note(b.report, "tcp", r.name, report.Load{})
		b.report.Reach("tcp "+r.name, report.Count(stats.Median(ours.rate))+"/s", report.Count(stats.Median(r.rate))+"/s", x)
	}
	b.plotTCP()
}
