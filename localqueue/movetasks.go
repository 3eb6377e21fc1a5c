package localqueue

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// StartMessageMoveTask starts moving the messages of a dead-letter queue to
// DestinationArn, or each back to the queue it came from. The task moves
// MaxNumberOfMessagesPerSecond, or 500 if it is nil, from within the server, until
// it has moved as many as were visible when it started or finds no more. One that could
// not act for a while goes on at its rate, and does not make up for that.
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
	handle, t, err := s.startTask(aws.ToString(in.SourceArn), request)
	room.Release()
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
	at := s.now()
	task, err := s.engine.StartTask(at, source, r)
	t = q.told(true)
	if err != nil {
		return "", t, err
	}
	q.late = 0
	q.arm(at)
	return taskHandle(task.ID, source.Name.ARN()), t, nil
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
	q, err := s.taskQueue(arn)
	if err != nil {
		room.Release()
		return nil, err
	}
	q.begin()
	moved, err := s.engine.CancelTask(s.now(), q.q, id)
	t := q.told(true)
	q.mu.Unlock()
	room.Release()
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
