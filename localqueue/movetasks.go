package localqueue

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// StartMessageMoveTask starts moving the messages of a dead-letter queue to
// DestinationArn, or each back to the queue it came from. The task moves
// MaxNumberOfMessagesPerSecond, or 500 if it is nil, from within the server, until
// it has moved as many as were visible when it started or finds no more.
func (s *Server) StartMessageMoveTask(ctx context.Context, in *sqs.StartMessageMoveTaskInput, opts ...func(*sqs.Options)) (*sqs.StartMessageMoveTaskOutput, error) {
	return call(ctx, s, "StartMessageMoveTask", opts, in, s.startMove)
}

func (s *Server) startMove(_ namespace, in *sqs.StartMessageMoveTaskInput) (*sqs.StartMessageMoveTaskOutput, error) {
	request := engine.MoveRequest{Destination: in.DestinationArn}
	if in.MaxNumberOfMessagesPerSecond != nil {
		rate := int(*in.MaxNumberOfMessagesPerSecond)
		request.Rate = &rate
	}
	room, err := s.admit(costOfControl, journal.Urgent)
	if err != nil {
		return nil, err
	}
	defer room.Release()
	handle, t, err := s.startTask(aws.ToString(in.SourceArn), request)
	if err == nil {
		err = t.wait()
	}
	if err != nil {
		return nil, err
	}
	return &sqs.StartMessageMoveTaskOutput{TaskHandle: &handle}, nil
}

func (s *Server) startTask(arn string, r engine.MoveRequest) (handle string, t told, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return "", t, ErrClosed
	}
	source, err := s.engine.MoveSource(arn)
	if err != nil {
		return "", t, err
	}
	q := s.queues[source.Name]
	q.mu.Lock()
	defer q.mu.Unlock()
	q.begin()
	task, err := s.engine.StartTask(s.now(), source, r)
	t = q.told(true)
	if err != nil {
		return "", t, err
	}
	q.arm()
	return taskHandle(task.ID, source.Name.ARN()), t, nil
}

// moveDue takes the steps of q's move task that are due. The caller holds no lock.
func (s *Server) moveDue(q *queue) {
	for {
		to, due := s.moveOne(q)
		if to != nil {
			s.poke(to)
		}
		if !due {
			return
		}
	}
}

// moveOne takes one step, if one is due. A message may have arrived at to.
func (s *Server) moveOne(q *queue) (to *queue, due bool) {
	room, err := s.admit(costOfReceive, journal.Urgent)
	if err != nil {
		q.mu.Lock()
		q.retry()
		q.mu.Unlock()
		return nil, false
	}
	defer room.Release()
	s.mu.RLock()
	defer s.mu.RUnlock()
	name, due := s.nextMove(q)
	if !due || name == (engine.Name{}) {
		return nil, due
	}
	to = s.queues[name]
	lockBoth(q, to)
	defer unlockBoth(q, to)
	if q.gone() != nil {
		return nil, false
	}
	// The lock was free in between: the next message may be another one now.
	if again, _ := s.engine.TaskTarget(s.now(), q.q); again != name {
		return nil, true
	}
	before := to.arrivals()
	q.begin()
	s.engine.StepTask(s.now(), q.q, to.engineQueue())
	q.did.moved += to.arrivals() - before
	if t := q.told(false); t.err != nil { // nobody waits for a step; one that was refused is taken later
		q.retry()
		return nil, false
	}
	return to, true
}

// nextMove says whether a step is due and where it leads; the zero Name if the
// task ended. The caller holds the registry.
func (s *Server) nextMove(q *queue) (engine.Name, bool) {
	if q.lock() != nil {
		return engine.Name{}, false
	}
	defer q.mu.Unlock()
	if max(q.q.TaskDue(), q.rest) > s.now() {
		q.arm()
		return engine.Name{}, false
	}
	q.begin()
	name, _ := s.engine.TaskTarget(s.now(), q.q)
	q.told(false)
	return name, true
}

// CancelMessageMoveTask stops a running task at once and says how many messages
// it had moved.
func (s *Server) CancelMessageMoveTask(ctx context.Context, in *sqs.CancelMessageMoveTaskInput, opts ...func(*sqs.Options)) (*sqs.CancelMessageMoveTaskOutput, error) {
	return call(ctx, s, "CancelMessageMoveTask", opts, in, s.cancelMove)
}

func (s *Server) cancelMove(_ namespace, in *sqs.CancelMessageMoveTaskInput) (*sqs.CancelMessageMoveTaskOutput, error) {
	id, arn, ok := parseTaskHandle(aws.ToString(in.TaskHandle))
	if !ok {
		return nil, &engine.Error{Code: engine.CodeInvalidParameterValue, Message: "Value for parameter TaskHandle is invalid."}
	}
	room, err := s.admit(costOfControl, journal.Urgent)
	if err != nil {
		return nil, err
	}
	defer room.Release()
	q, err := s.taskQueue(arn)
	if err != nil {
		return nil, err
	}
	q.begin()
	moved, err := s.engine.CancelTask(s.now(), q.q, id)
	t := q.told(true)
	q.mu.Unlock()
	if err == nil {
		err = t.wait()
	}
	return &sqs.CancelMessageMoveTaskOutput{ApproximateNumberOfMessagesMoved: int64(moved)}, err
}

// taskQueue finds and locks the queue a move task moves from.
func (s *Server) taskQueue(arn string) (*queue, error) {
	n, ok := engine.ParseARN(arn)
	if !ok {
		return nil, engine.BadSourceARN()
	}
	s.mu.RLock()
	q, closed := s.queues[n], s.closed
	s.mu.RUnlock()
	if closed {
		return nil, ErrClosed
	}
	if q == nil {
		return nil, engine.NoSuchARN("SourceArn")
	}
	err := q.lock()
	if errors.Is(err, errNoQueue) {
		err = engine.NoSuchARN("SourceArn")
	}
	return q, err
}

// ListMessageMoveTasks lists the latest tasks of a source, newest first.
func (s *Server) ListMessageMoveTasks(ctx context.Context, in *sqs.ListMessageMoveTasksInput, opts ...func(*sqs.Options)) (*sqs.ListMessageMoveTasksOutput, error) {
	return call(ctx, s, "ListMessageMoveTasks", opts, in, s.listMoves)
}

func (s *Server) listMoves(_ namespace, in *sqs.ListMessageMoveTasksInput) (*sqs.ListMessageMoveTasksOutput, error) {
	most := 1
	if in.MaxResults != nil {
		most = int(*in.MaxResults)
		if most < 1 || most > engine.KeptTasks {
			return nil, engine.Errorf(engine.CodeInvalidParameterValue, "Value for parameter MaxResults is invalid. Reason: You must enter a number that's between 1 and %d.", engine.KeptTasks)
		}
	}
	q, err := s.taskQueue(aws.ToString(in.SourceArn))
	if err != nil {
		return nil, err
	}
	out := new(sqs.ListMessageMoveTasksOutput)
	for _, t := range q.q.LatestTasks(most) {
		out.Results = append(out.Results, taskEntry(&t, q.q.Name.ARN()))
	}
	t := q.told(false) // so that no task is ever told to have moved less again
	q.mu.Unlock()
	return out, t.wait()
}

func taskEntry(t *engine.Task, source string) types.ListMessageMoveTasksResultEntry {
	e := types.ListMessageMoveTasksResultEntry{
		ApproximateNumberOfMessagesMoved:  int64(t.Moved),
		ApproximateNumberOfMessagesToMove: aws.Int64(int64(t.ToMove)),
		SourceArn:                         &source,
		StartedTimestamp:                  t.Started / 1e6,
		Status:                            aws.String(string(t.Status)),
	}
	if t.Destination != "" {
		e.DestinationArn = aws.String(t.Destination)
	}
	if t.Rate != 0 {
		e.MaxNumberOfMessagesPerSecond = aws.Int32(int32(t.Rate))
	}
	if t.Status == engine.Running {
		e.TaskHandle = aws.String(taskHandle(t.ID, source))
	}
	if t.Failure != "" {
		e.FailureReason = aws.String(t.Failure)
	}
	return e
}

// taskText is what a task handle holds.
type taskText struct {
	TaskID    string `json:"taskId"`
	SourceARN string `json:"sourceArn"`
}

func taskHandle(id, source string) string {
	b, _ := json.Marshal(taskText{id, source}) // two strings always encode
	return base64.StdEncoding.EncodeToString(b)
}

func parseTaskHandle(handle string) (id, source string, ok bool) {
	b, err := base64.StdEncoding.DecodeString(handle)
	if err != nil {
		return "", "", false
	}
	var t taskText
	if json.Unmarshal(b, &t) != nil || t.TaskID == "" || t.SourceARN == "" {
		return "", "", false
	}
	return t.TaskID, t.SourceARN, true
}
