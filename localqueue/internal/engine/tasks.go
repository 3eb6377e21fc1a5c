package engine

import (
	"crypto/sha256"
	"fmt"
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

// MoveRequest is StartMessageMoveTask as it came, but for its source.
type MoveRequest struct {
	Destination *string
	Rate        *int
}

// BadSourceARN and NoSuchARN are the errors of ARNs that do not parse and that
// name nothing.
func BadSourceARN() error { return badARN("SourceArn") }

func badARN(parameter string) error {
	return Errorf(CodeInvalidParameterValue, "You must use this format to specify the %s: arn:<partition>:<service>:<region>:<account-id>:<resource-id>", parameter)
}

// NoSuchARN is the error of an ARN that names no queue.
func NoSuchARN(parameter string) error {
	return Errorf(CodeResourceNotFound, "The resource that you specified for the %s parameter doesn't exist.", parameter)
}

// MoveSource is the queue that a SourceArn names. The registry is held.
func (e *Engine) MoveSource(arn string) (*Queue, error) { return e.byARN("SourceArn", arn) }

func (e *Engine) byARN(parameter, arn string) (*Queue, error) {
	n, ok := ParseARN(arn)
	if !ok {
		return nil, badARN(parameter)
	}
	q := e.Lookup(n)
	if q == nil {
		return nil, NoSuchARN(parameter)
	}
	return q, nil
}

// StartTask starts a move task from source. The registry and source are held.
func (e *Engine) StartTask(now Time, source *Queue, r MoveRequest) (*Task, error) {
	if r.Rate != nil && (*r.Rate < 1 || *r.Rate > 500) {
		return nil, Errorf(CodeInvalidParameterValue, "Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must enter a number that's between 1 and 500.")
	}
	if r.Destination != nil {
		if err := e.checkDestination(source, *r.Destination); err != nil {
			return nil, err
		}
	}
	if len(e.Sources(source)) == 0 {
		return nil, Errorf(CodeInvalidParameterValue, "Source queue must be configured as a Dead Letter Queue.")
	}
	if source.running() != nil {
		return nil, Errorf(CodeInvalidParameterValue, "There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
	}
	if source.moving.Add(1) > maxTasks {
		source.moving.Add(-1)
		return nil, Errorf(CodeUnsupportedOperation, "There are already %d active message move tasks in this account, which is the most allowed.", maxTasks)
	}
	t := Task{Started: now, Status: Running, ToMove: source.Messages.Counts(now).Visible}
	if r.Destination != nil {
		t.Destination = *r.Destination
	}
	if r.Rate != nil {
		t.Rate = *r.Rate
	}
	if !e.change(now, source, func() { e.begin(source, t) }) {
		return &t, nil // the log says why it did not begin
	}
	return source.running(), nil
}

func (e *Engine) begin(q *Queue, t Task) {
	q.tasksBegun++
	t.ID = e.taskID(q)
	q.tasks = append(q.tasks, t)
	if n := len(q.tasks); n > KeptTasks {
		q.tasks = slices.Delete(q.tasks, 0, n-KeptTasks)
	}
}

func (e *Engine) checkDestination(source *Queue, arn string) error {
	to, err := e.byARN("DestinationArn", arn)
	switch {
	case err != nil:
		return err
	case to == source:
		return Errorf(CodeInvalidParameterValue, "Source queue arn and destination queue arn cannot be the same.")
	case to.Config.FIFO != source.Config.FIFO:
		return Errorf(CodeInvalidParameterValue, "The source queue and destination queue must be of the same queue type.")
	}
	return nil
}

// taskID is a UUID that the next task of a queue will not have.
func (e *Engine) taskID(q *Queue) string {
	sum := sha256.Sum256(fmt.Appendf(e.key[:], "task %d of queue %d", q.tasksBegun, q.Number))
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

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
