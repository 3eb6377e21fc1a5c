package worker_test

import (
	"context"
	"fmt"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
)

// stressJob is a message, and what handlers did with it.
type stressJob struct {
	body, group string
	number      int // in the group
	sent        int // in all groups
	poison      bool

	calls     int
	running   int // handlers
	failures  int
	finished  bool      // done or discarded
	overtaken time.Time // when one behind it in its group was handled first; zero: never
}

func (j *stressJob) String() string {
	return fmt.Sprintf("%s (%d calls, %d failures, finished %v, poison %v)", j.body, j.calls, j.failures, j.finished, j.poison)
}

// newJob takes note of a message that is about to be sent to a group.
func (s *stress) newJob(group string) *stressJob {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.order[group])
	j := &stressJob{body: fmt.Sprintf("%s/%d", group, n), group: group, number: n, sent: len(s.jobs), poison: s.rnd.IntN(100) == 0}
	s.jobs[j.body] = j
	s.order[group] = append(s.order[group], j)
	return j
}

// complain fails the test.
func (s *stress) complain(format string, args ...any) {
	s.t.Helper()
	if s.complaints.Add(1) > 5 {
		s.t.Fail()
		return
	}
	s.t.Errorf("seed %d: "+format, append([]any{s.seed}, args...)...)
}

// hook is Options.Hook of all workers.
func (s *stress) hook(_ context.Context, e worker.Event) {
	if e.Kind == worker.EventLeaseLost {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lost++
	}
}

// started hears that a handler starts. Once a lease was lost there is no telling what may
// run beside what.
func (s *stress) started(m *worker.Message) (*stressJob, stressTurn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[m.Body]
	j.calls++
	j.running++
	if s.lost == 0 {
		if j.running > 1 {
			s.complain("%v runs twice at once", j)
		}
		if s.fifo && !j.finished {
			s.inOrder(j)
		}
		if len(s.workers) == 1 && !s.faults && !s.drains && m.Attempts > j.failures+1 {
			s.complain("%v has Attempts %d", j, m.Attempts)
		}
	}
	return j, s.turn(j)
}

// inOrder judges a handler that starts by what is before it in its group. What is not
// finished then may be in the dead-letter queue, but must not be handled any more.
// s.mu must be held.
func (s *stress) inOrder(j *stressJob) {
	for _, before := range s.order[j.group][:j.number] {
		if before.running > 0 {
			s.complain("%v runs beside %v", j, before)
		}
		if !before.finished && before.overtaken.IsZero() {
			before.overtaken = time.Now()
		}
	}
	if !j.overtaken.IsZero() {
		s.complain("%v is handled, and one behind it was %v ago", j, time.Since(j.overtaken))
	}
}

// stopped hears that a handler ends, however it does.
func (s *stress) stopped(j *stressJob, end soakEnd) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j.running--
	switch end {
	case soakDone, soakDiscards:
		j.finished = true
	case soakSnoozes:
	default:
		j.failures++
	}
}

// empty waits until the queue is empty.
func (s *stress) empty() {
	const most = 20 * time.Hour
	began := time.Now()
	for {
		synctest.Wait()
		visible, flying := s.server.counts(s.queue)
		if visible == "0" && flying == "0" {
			s.t.Logf("seed %d: empty after %v, %d messages", s.seed, time.Since(began), len(s.jobs))
			return
		}
		if time.Since(began) > most {
			s.complain("after %v there are %s visible messages and %s in flight; gates %s", most, visible, flying, stressText(s.gates.all...))
			for _, w := range s.workers {
				s.t.Logf("%+v", w.Stats())
			}
			return
		}
		time.Sleep(10 * sec)
	}
}

// judge looks at gates and messages, once all is over.
func (s *stress) judge() {
	for _, g := range append(s.gates.all, s.gates.audit) {
		if slots, ok := g.(*stressSlots); ok && !slots.whole() {
			s.complain("a gate that was not given back all it has granted, or more: %v", slots)
		}
	}
	buried := s.deadLetters()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost > 0 && !s.faults && !s.losses {
		s.complain("%d leases lost without a reason", s.lost)
	}
	for _, j := range s.jobs {
		switch {
		case !j.finished && !buried[j.body]:
			s.complain("%v is lost", j)
		case s.lost > 0:
		case !j.overtaken.IsZero() && !buried[j.body]:
			s.complain("%v was overtaken, and is not in the dead-letter queue", j)
		case buried[j.body] && j.calls == 0 && s.fifo && !s.faults && !s.drains:
			s.complain("%v is in the dead-letter queue", j)
		}
	}
}

// deadLetters empties the dead-letter queue and returns the bodies of what was there.
func (s *stress) deadLetters() map[string]bool {
	if err := s.server.SetFaults(localqueue.Faults{}); err != nil {
		s.t.Fatal(err)
	}
	buried, url := make(map[string]bool), s.server.url(s.dead)
	for {
		out, err := s.server.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 10})
		if err != nil {
			s.t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return buried
		}
		for _, m := range out.Messages {
			buried[*m.Body] = true
			if _, err := s.server.DeleteMessage(context.Background(), &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: m.ReceiptHandle}); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}
