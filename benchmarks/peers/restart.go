package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
	"github.com/quayside-go/quayside/benchmarks/internal/stats"
)

// restarted is what became of messages and of a worker that was told to end under load, a value a round.
type restarted struct {
	sent, again, twice, never []float64
	took, killed, last        []float64
}

func (r *restarted) add(a account, took time.Duration, killed bool, last time.Duration) {
	r.sent = append(r.sent, float64(a.sent))
	r.again = append(r.again, float64(a.again))
	r.twice = append(r.twice, float64(a.twice))
	r.never = append(r.never, float64(a.never()))
	r.took = append(r.took, took.Seconds())
	k := 0.0
	if killed {
		k = 1
	}
	r.killed = append(r.killed, k)
	r.last = append(r.last, last.Seconds())
}

// restart has workers end under load and start again. All peers are measured at once: they sleep most of the time.
func (b *bench) restart() error {
	s, err := remote.Start(b.ctx)
	if err != nil {
		return err
	}
	defer s.Stop()
	some, names := b.those("restart")
	all := make([]restarted, len(some))
	err = b.atOnce("restart", names, func(i int) error { return b.restarting(s, some[i], &all[i]) })
	if err != nil {
		return err
	}
	plan := b.plan.restart
	t := b.report.Table(fmt.Sprintf("SIGTERM under load, %v of grace, then a new process; %v away, handlers of %v, visibility timeout of %v; numbers are of all rounds",
		grace, plan.away, plan.takes, plan.visibility),
		"worker", "messages", "begun again", "handled twice", "never handled", "took to end", "killed", "all deleted after")
	for i, x := range all {
		t.Row(names[i], report.Whole(sum(x.sent)), report.Whole(sum(x.again)), report.Whole(sum(x.twice)), report.Whole(sum(x.never)),
			report.Seconds(stats.Median(x.took)), report.Whole(sum(x.killed)), report.Seconds(stats.Median(x.last)))
		x.note(b.report, names[i])
		b.judgeRestarted(names[i], x)
	}
	b.plotRestart()
	return nil
}

func sum(v []float64) float64 {
	all := 0.0
	for _, x := range v {
		all += x
	}
	return all
}

// restarting is a round of one peer: a worker that is told to end when it has handled a third of the messages, and
// one that handles the rest.
func (b *bench) restarting(s *remote.Server, p peer, r *restarted) (err error) {
	plan := b.plan.restart
	messages := plan.each * p.hands
	queue, drop, err := b.queue(s, plan.visibility)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	if err := s.Number(b.ctx, queue, messages, bodySize); err != nil {
		return err
	}
	count := newTally(messages)
	first, err := b.start(p, s.URL(), queue, count)
	if err != nil {
		return err
	}
	defer first.kill()
	for began := time.Now(); count.ends() < messages/3; {
		if err := first.during(b.ctx, 5*time.Millisecond); err != nil {
			return err
		}
		if time.Since(began) > plan.limit {
			return fmt.Errorf("%d of %d messages were handled in %v", count.ends(), messages, plan.limit)
		}
	}
	took, killed, err := first.terminate(grace)
	if err != nil {
		return err
	}
	last, err := b.finish(s, p, queue, count)
	if err != nil {
		return err
	}
	r.add(count.account(), took, killed, last)
	return nil
}

// finish has another worker handle what is left, until the queue is empty or it is time to give up. It returns how
// long that took.
func (b *bench) finish(s *remote.Server, p peer, queue string, count *tally) (time.Duration, error) {
	began := time.Now()
	second, err := b.start(p, s.URL(), queue, count)
	if err != nil {
		return 0, err
	}
	defer second.kill()
	for time.Since(began) < b.plan.restart.limit {
		done, err := b.empty(s, queue)
		if err != nil {
			return 0, err
		}
		if done {
			break
		}
		if err := second.during(b.ctx, 20*time.Millisecond); err != nil {
			return 0, err
		}
	}
	last := time.Since(began)
	_, _, err = second.terminate(grace)
	return last, err
}
