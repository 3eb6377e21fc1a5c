package engine

import (
	"crypto/sha256"
	"fmt"
	"slices"
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
