package killtest_test

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// task is a move task, as last listed.
type task struct {
	started int64 // as listed; 0: not listed yet
	handle  string
	entry   types.ListMessageMoveTasksResultEntry
	to      string // ARN; "": back
	told    *op    // the request that was answered entry
}

func (t *task) runs() bool { return t.started == 0 || aws.ToString(t.entry.Status) == "RUNNING" }

// lastTask is the one begun last, nil if there was none.
func (s *scene) lastTask() *task {
	if len(s.tasks) == 0 {
		return nil
	}
	return s.tasks[len(s.tasks)-1]
}

// moving is one step of the one client that begins, watches and cancels move tasks.
func (w *worker) moving(s *scene, dead, rescued *queue) {
	w.pause(time.Duration(1+w.rng.IntN(20)) * time.Millisecond)
	if w.over() || !w.listTasks(s, dead) {
		return
	}
	switch t := s.lastTask(); {
	case t != nil && t.runs():
		if chance(w.rng, 5) {
			w.cancelTask(t)
		}
	case chance(w.rng, 60):
		w.startTask(s, dead, rescued)
	}
}

func (w *worker) startTask(s *scene, dead, rescued *queue) {
	t := &task{}
	in := &sqs.StartMessageMoveTaskInput{SourceArn: aws.String(arn(dead.name))}
	if chance(w.rng, 50) {
		t.to = arn(rescued.name)
		in.DestinationArn = &t.to
	}
	if rate := drawRate(w.rng); rate > 0 {
		in.MaxNumberOfMessagesPerSecond = &rate
	}
	o := w.begin()
	out := ask(w, o, w.sqs.StartMessageMoveTask, in)
	w.unexpected(o, "a move task from "+dead.name)
	switch {
	case out != nil:
		t.handle = aws.ToString(out.TaskHandle)
		s.tasks = append(s.tasks, t)
	case o.fate == lost:
		s.unsure = t
	}
}

func drawRate(r *rand.Rand) int32 { return pick[int32](r, 0, 30, 100, 500) }

// cancelTask cancels t, which may have ended meanwhile.
func (w *worker) cancelTask(t *task) {
	o := w.begin()
	out := ask(w, o, w.sqs.CancelMessageMoveTask, &sqs.CancelMessageMoveTaskInput{TaskHandle: &t.handle})
	w.unexpected(o, "the end of a move task", "ResourceNotFoundException")
	if out == nil {
		return
	}
	if was := t.entry.ApproximateNumberOfMessagesMoved; out.ApproximateNumberOfMessagesMoved < was {
		w.book.fault("a move task was cancelled after %d messages, and had moved %d before", out.ApproximateNumberOfMessagesMoved, was)
	}
	t.told = o
	t.entry.ApproximateNumberOfMessagesMoved = out.ApproximateNumberOfMessagesMoved
	t.entry.Status = aws.String("CANCELLED")
}

// listTasks compares the list of move tasks with what is known of them; false: there
// was no answer.
func (w *worker) listTasks(s *scene, dead *queue) bool {
	o := w.begin()
	out := ask(w, o, w.sqs.ListMessageMoveTasks, &sqs.ListMessageMoveTasksInput{SourceArn: aws.String(arn(dead.name)), MaxResults: aws.Int32(10)})
	w.unexpected(o, "a list of move tasks")
	if out == nil {
		return false
	}
	listed := slices.Clone(out.Results)
	slices.Reverse(listed)
	w.admit(s, dead, listed)
	expected := s.tasks[max(0, len(s.tasks)-10):]
	if len(listed) != len(expected) {
		w.book.fault("%s lists %d move tasks instead of %d", dead.name, len(listed), len(expected))
		return false
	}
	for i, t := range expected {
		w.checkTask(dead, t, o, listed[i])
	}
	return true
}

// admit takes in a task whose start was not answered, if it is listed.
func (w *worker) admit(s *scene, dead *queue, listed []types.ListMessageMoveTasksResultEntry) {
	t := s.unsure
	s.unsure = nil
	if t == nil || len(listed) == 0 {
		return
	}
	newest := listed[len(listed)-1]
	if last := s.lastTask(); last == nil || last.started != newest.StartedTimestamp {
		t.handle = aws.ToString(newest.TaskHandle)
		s.tasks = append(s.tasks, t)
	}
}

// checkTask compares one task, as o was answered, with what was told of it before.
func (w *worker) checkTask(dead *queue, t *task, o *op, now types.ListMessageMoveTasksResultEntry) {
	was := t.entry
	accuse := func(what string, before, after any) {
		w.book.fault("the move task of %s that started at %d has %s %v, and had %v before:\n\t%s  %v\n\t%s  %v\n%s",
			dead.name, now.StartedTimestamp, what, after, before, t.told, before, o, after, w.book.ends(t.told))
	}
	status := aws.ToString(now.Status)
	moved, toMove := now.ApproximateNumberOfMessagesMoved, aws.ToInt64(now.ApproximateNumberOfMessagesToMove)
	switch before := was.ApproximateNumberOfMessagesMoved; {
	case t.started != 0 && t.started != now.StartedTimestamp:
		accuse("StartedTimestamp", t.started, now.StartedTimestamp)
	case t.started != 0 && aws.ToInt64(was.ApproximateNumberOfMessagesToMove) != toMove:
		accuse("messages to move:", aws.ToInt64(was.ApproximateNumberOfMessagesToMove), toMove)
	case moved < before || !t.runs() && moved != before:
		accuse("messages moved:", before, moved)
	case !t.runs() && aws.ToString(was.Status) != status:
		accuse("status", aws.ToString(was.Status), status)
	case moved > toMove:
		accuse("messages moved:", toMove, moved)
	case aws.ToString(now.DestinationArn) != t.to:
		accuse("destination", t.to, aws.ToString(now.DestinationArn))
	case status == "RUNNING" && t.handle != aws.ToString(now.TaskHandle):
		accuse("handle", t.handle, aws.ToString(now.TaskHandle))
	case t.runs() && status != "RUNNING" && status != "COMPLETED" && status != "CANCELLED":
		accuse("status", aws.ToString(was.Status), status+" "+aws.ToString(now.FailureReason))
	}
	t.started, t.entry, t.told = now.StartedTimestamp, now, o
}

// finishTasks waits until no task runs; it cancels a slow one.
func (w *worker) finishTasks(s *scene, dead *queue) {
	for end := w.book.now() + mostWait; w.listTasks(s, dead); w.await(10 * time.Millisecond) {
		t := s.lastTask()
		if t == nil || !t.runs() {
			return
		}
		if rate := aws.ToInt32(t.entry.MaxNumberOfMessagesPerSecond); rate != 0 && rate < 100 {
			w.cancelTask(t)
		}
		if w.book.now() > end {
			w.book.fault("a move task of %s does not end: %d of %d messages moved", dead.name, t.entry.ApproximateNumberOfMessagesMoved, aws.ToInt64(t.entry.ApproximateNumberOfMessagesToMove))
			return
		}
	}
}

// accountMoves compares how many messages the tasks say they moved with how many were
// seen; some may have been moved, and received unseen until they were moved once more.
// The book's lock is held.
func (w *worker) accountMoves(s *scene) {
	said := 0
	for _, t := range s.tasks {
		said += int(t.entry.ApproximateNumberOfMessagesMoved)
	}
	unseen := 10 * (len(s.missed) - s.missedBefore) / s.queues[0].most
	if said < s.moved || said > s.moved+unseen {
		w.book.faultf("life %d: the move tasks of %s say they moved %d messages, and %d to %d were", w.life.number, s.name, said, s.moved, s.moved+unseen)
	}
	s.moved, s.missedBefore = said, len(s.missed)
}
