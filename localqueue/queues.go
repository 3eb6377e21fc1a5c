package localqueue

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// call runs an action for a caller in this process: in the namespace that its
// options choose, and with the SDK's errors. An output beside an error is dropped.
func call[In, Out any](ctx context.Context, s *Server, action string, opts []func(*sqs.Options), in *In, f func(namespace, *In) (*Out, error)) (*Out, error) {
	ns, err := s.namespace(ctx, opts)
	if err != nil {
		return nil, toSDK(action, err)
	}
	if in == nil {
		in = new(In)
	}
	var out *Out
	if faults := s.faults.Load(); faults != nil {
		out, err = underFaults(ctx, s, faults, action, ns, in, f)
	} else {
		out, err = f(ns, in)
	}
	if err != nil {
		return nil, toSDK(action, err)
	}
	return out, nil
}

// change runs f, which changes what the registry holds of a queue, under both
// locks. What that makes deliverable goes to the receivers that wait.
func (s *Server) change(ns namespace, queueURL *string, p journal.Purpose, f func(at engine.Time, q *engine.Queue) error) error {
	q, err := s.find(ns, queueURL)
	if err != nil {
		return err
	}
	room, err := s.admit(costOfControl, p)
	if err != nil {
		return err
	}
	s.mu.Lock()
	if err := q.lock(); err != nil {
		s.mu.Unlock()
		room.Release()
		return err
	}
	q.begin()
	err = f(s.now(), q.q)
	t := q.told(true)
	s.mu.Unlock()
	s.unlock(q)
	room.Release()
	if err != nil {
		return err
	}
	return t.wait()
}

// CreateQueue makes a queue, or returns the URL of the one of that name if all
// attributes given have the values that it has now.
func (s *Server) CreateQueue(ctx context.Context, in *sqs.CreateQueueInput, opts ...func(*sqs.Options)) (*sqs.CreateQueueOutput, error) {
	return call(ctx, s, "CreateQueue", opts, in, s.createQueue)
}

func (s *Server) createQueue(ns namespace, in *sqs.CreateQueueInput) (*sqs.CreateQueueOutput, error) {
	if in.QueueName == nil {
		return nil, api.Missing("QueueName")
	}
	if err := checkLengths(in.Attributes); err != nil {
		return nil, err
	}
	n := engine.Name{Account: ns.Account, Region: ns.Region, Queue: *in.QueueName}
	room, full := s.admit(costOfControl, journal.Urgent)
	if full != nil && !errors.Is(full, ErrFull) {
		return nil, full
	}
	t, err := s.newly(n, in, full)
	room.Release()
	if err == nil {
		err = t.wait()
	}
	if err != nil {
		return nil, err
	}
	return &sqs.CreateQueueOutput{QueueUrl: aws.String(ns.url(n))}, nil
}

// newly makes a queue, if there is none of that name; full is why it cannot, if the
// disk has no room: for one that is there none is needed.
func (s *Server) newly(n engine.Name, in *sqs.CreateQueueInput, full error) (told, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return told{}, ErrClosed
	}
	q := s.queues[n]
	if q == nil && full != nil {
		return told{}, full
	}
	eq, err := s.engine.Create(s.now(), n, in.Attributes, in.Tags)
	if errors.Is(err, engine.ErrRefused) {
		return told{}, s.disk.refusal(s.engine.NextNumber())
	}
	if err != nil {
		return told{}, err
	}
	made := q == nil
	if made {
		q = s.newQueue(eq)
		s.queues[eq.Name] = q
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if !made {
		q.begin()
	}
	return q.told(true), nil
}

// DeleteQueue removes a queue and its messages, whatever their state, at once.
// Receives that wait at it end with QueueDoesNotExist.
func (s *Server) DeleteQueue(ctx context.Context, in *sqs.DeleteQueueInput, opts ...func(*sqs.Options)) (*sqs.DeleteQueueOutput, error) {
	return call(ctx, s, "DeleteQueue", opts, in, s.deleteQueue)
}

func (s *Server) deleteQueue(ns namespace, in *sqs.DeleteQueueInput) (*sqs.DeleteQueueOutput, error) {
	q, err := s.find(ns, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	room, err := s.admit(costOfControl, journal.Clearing)
	if err != nil {
		return nil, err
	}
	t, err := s.remove(q)
	room.Release()
	if err == nil {
		err = t.wait()
	}
	if err != nil {
		return nil, err
	}
	return &sqs.DeleteQueueOutput{}, nil
}

func (s *Server) remove(q *queue) (told, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := q.lock(); err != nil {
		return told{}, err
	}
	defer q.mu.Unlock()
	q.begin()
	if s.engine.Delete(s.now(), q.q); !q.q.Deleted { // the disk refused it
		return q.told(true), nil
	}
	delete(s.queues, q.q.Name)
	q.dismiss(errNoQueue)
	q.disarm()
	q.disarmDeletes()
	if s.disk != nil {
		s.disk.forget(q.q.Number)
	}
	return q.told(true), nil
}

// GetQueueUrl returns the URL of the queue of that name.
func (s *Server) GetQueueUrl(ctx context.Context, in *sqs.GetQueueUrlInput, opts ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	return call(ctx, s, "GetQueueUrl", opts, in, s.getQueueURL)
}

func (s *Server) getQueueURL(ns namespace, in *sqs.GetQueueUrlInput) (*sqs.GetQueueUrlOutput, error) {
	n := engine.Name{Account: ns.Account, Region: ns.Region, Queue: aws.ToString(in.QueueName)}
	if n.Queue == "" {
		return nil, engine.Errorf(engine.CodeInvalidParameterValue, "Value for parameter QueueName is invalid. Reason: Must specify a queue name.")
	}
	if owner := aws.ToString(in.QueueOwnerAWSAccountId); owner != "" {
		n.Account = owner
	}
	s.mu.RLock()
	q, closed := s.queues[n], s.closed
	s.mu.RUnlock()
	switch {
	case closed:
		return nil, ErrClosed
	case q == nil:
		return nil, errNoQueue
	}
	return &sqs.GetQueueUrlOutput{QueueUrl: aws.String(ns.url(n))}, s.written(q)
}
