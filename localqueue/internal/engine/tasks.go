package engine

import (
	"slices"
	"time"
)

// A Task moves the messages of a dead-letter queue away, one at a time at its
// rate. It belongs to its source and is guarded by that queue's lock.
type Task struct {
	ID          string
	Destination string // ARN as given; "": each message to the queue it came from
	Rate        int    // messages per second as given; 0: DefaultMoveRate
	Started     Time
	Moved       int
	ToMove      int // visible in the source when it started
	Status      TaskStatus
	Failure     string // with Failed: why
}

// TaskStatus is where a task stands.
type TaskStatus string

// A task ends in any of the last three. Cancelling takes effect at once.
const (
	Running   TaskStatus = "RUNNING"
	Completed TaskStatus = "COMPLETED"
	Cancelled TaskStatus = "CANCELLED"
	Failed    TaskStatus = "FAILED"
)

// DefaultMoveRate is in force where a task names none; KeptTasks are remembered
// per source; after taskLimit a task fails.
const (
	DefaultMoveRate = 500
	KeptTasks       = 10
	maxTasks        = 100 // running, of one account
	taskLimit       = 36 * time.Hour
)

// Why a task failed.
const (
	failNoQueue  = CodeQueueDoesNotExist
	failNoSource = "CouldNotDetermineMessageSource"
	failTooLong  = "TaskTimedOut"
)

func (q *Queue) running() *Task {
	if n := len(q.tasks); n > 0 && q.tasks[n-1].Status == Running {
		return &q.tasks[n-1]
	}
	return nil
}

// TaskDue is when q's move task has to act next, Never if none runs.
func (q *Queue) TaskDue() Time {
	t := q.running()
	if t == nil {
		return Never
	}
	rate := t.Rate
	if rate == 0 {
		rate = DefaultMoveRate
	}
	return t.Started + int64(t.Moved)*int64(time.Second)/int64(rate)
}

// TaskTarget says where q's running task has to move the next message. False:
// it had to end instead, and has.
func (e *Engine) TaskTarget(now Time, q *Queue) (Name, bool) {
	t := q.running()
	if t == nil {
		return Name{}, false
	}
	source, any := q.Messages.Peek(now)
	switch {
	case !any || t.Moved >= t.ToMove:
		e.finish(now, q, Completed, "")
	case now >= later(t.Started, taskLimit):
		e.finish(now, q, Failed, failTooLong)
	case t.Destination != "":
		n, _ := ParseARN(t.Destination)
		return n, true
	case source == 0:
		e.finish(now, q, Failed, failNoSource)
	default:
		n, _ := ParseARN(e.ARN(source))
		return n, true
	}
	return Name{}, false
}

// finish ends q's running task and writes it.
func (e *Engine) finish(now Time, q *Queue, as TaskStatus, why string) {
	e.change(now, q, func() { q.end(as, why) })
}

// end ends q's running task.
func (q *Queue) end(as TaskStatus, why string) {
	t := q.running()
	t.Status, t.Failure = as, why
	q.moving.Add(-1)
}

// StepTask moves one message of q's running task to the queue that TaskTarget
// named; nil says that it does not exist. Both queues are held.
func (e *Engine) StepTask(now Time, q, to *Queue) {
	t := q.running()
	if t == nil {
		return
	}
	if to == nil || to.Deleted || to.Config.FIFO != q.Config.FIFO {
		e.finish(now, q, Failed, failNoQueue)
		return
	}
	if transfer(now, q.Messages, to.Messages, q.tasksBegun, t.Moved) {
		t.Moved++
	}
	if t.Moved >= t.ToMove {
		e.finish(now, q, Completed, "")
	}
}

// CancelTask ends a running task and says how many messages it moved.
func (e *Engine) CancelTask(now Time, q *Queue, id string) (int, error) {
	t := q.running()
	if t == nil || t.ID != id {
		return 0, Errorf(CodeResourceNotFound, "Task does not exist.")
	}
	moved := t.Moved
	e.finish(now, q, Cancelled, "")
	return moved, nil
}

// LatestTasks are at most n of q's tasks, newest first.
func (q *Queue) LatestTasks(n int) []Task {
	got := slices.Clone(q.tasks[max(0, len(q.tasks)-n):])
	slices.Reverse(got)
	return got
}
