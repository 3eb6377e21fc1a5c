package localqueue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// DeleteMessage deletes the message that a receipt handle came with.
func (s *Server) DeleteMessage(ctx context.Context, in *sqs.DeleteMessageInput, opts ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error) {
	return call(ctx, s, "DeleteMessage", opts, in, func(ns namespace, in *sqs.DeleteMessageInput) (*sqs.DeleteMessageOutput, error) {
		return &sqs.DeleteMessageOutput{}, s.settle(ns, in.QueueUrl, deleting, &api.Change{Handle: aws.ToString(in.ReceiptHandle)})
	})
}

// ChangeMessageVisibility sets how long a message stays hidden from now on; 0
// makes it visible at once.
func (s *Server) ChangeMessageVisibility(ctx context.Context, in *sqs.ChangeMessageVisibilityInput, opts ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error) {
	return call(ctx, s, "ChangeMessageVisibility", opts, in, func(ns namespace, in *sqs.ChangeMessageVisibilityInput) (*sqs.ChangeMessageVisibilityOutput, error) {
		c := api.Change{Handle: aws.ToString(in.ReceiptHandle), Visibility: api.Num(int(in.VisibilityTimeout))}
		return &sqs.ChangeMessageVisibilityOutput{}, s.settle(ns, in.QueueUrl, changing, &c)
	})
}

// settle makes one delete or change of visibility.
func (s *Server) settle(ns namespace, queueURL *string, a action, c *api.Change) error {
	q, err := s.find(ns, queueURL)
	if err != nil {
		return err
	}
	h, err := s.parse(q, a, c)
	if err != nil {
		return err
	}
	var refused error
	if err := s.settling(q, a, 1, func(at engine.Time) { refused = q.apply(at, ns.fate, a, h, c) }); err != nil {
		return err
	}
	return refused
}

// settling calls f, which settles n messages of q, under its lock, and waits until
// that is safe.
func (s *Server) settling(q *queue, a action, n int, f func(at engine.Time)) error {
	purpose := journal.Urgent
	if a == deleting {
		purpose = journal.Freeing
	}
	room, err := s.admit(n*costOfMessage, purpose)
	if err != nil {
		return err
	}
	if err := q.lock(); err != nil {
		room.Release()
		return err
	}
	if err := q.throttled(a); err != nil {
		q.mu.Unlock()
		room.Release()
		return err
	}
	q.begin()
	f(s.now())
	t := q.told(a == deleting)
	s.unlock(q)
	room.Release()
	return t.wait()
}

// parse validates a delete or change as far as the queue's messages do not matter.
func (s *Server) parse(q *queue, a action, c *api.Change) (engine.Handle, error) {
	if c.Handle == "" {
		return engine.Handle{}, api.Missing("ReceiptHandle")
	}
	h, ok := s.ident.ParseHandle(c.Handle)
	if !ok {
		return h, engine.Errorf(engine.CodeReceiptHandleIsInvalid, `The input receipt handle "%s" is not a valid receipt handle.`, c.Handle)
	}
	if h.Queue != q.q.Number {
		return h, engine.Errorf(engine.CodeReceiptHandleIsInvalid, `The receipt handle "%s" is not valid for this queue.`, c.Handle)
	}
	if a == changing {
		return h, checkTimeout(c)
	}
	return h, nil
}

func checkTimeout(c *api.Change) error {
	if !c.Visibility.Set {
		return api.Missing("VisibilityTimeout")
	}
	if n := c.Visibility.N; n < 0 || n > 43200 {
		return engine.Errorf(engine.CodeInvalidParameterValue, "Value %d for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.", n)
	}
	return nil
}

// apply deletes or changes under the queue's lock. The error is that of a single
// call.
func (q *queue) apply(at engine.Time, f *fate, a action, h engine.Handle, c *api.Change) error {
	if a == deleting {
		if q.putOff(at, f, h) {
			return nil
		}
		switch q.q.Messages.Delete(at, h) {
		case engine.Done:
			if !q.refused() {
				q.did.deleted++
			}
		case engine.Expired:
			return expired(c.Handle)
		}
		return nil
	}
	switch q.q.Messages.ChangeVisibility(at, h, seconds(c.Visibility.N)) {
	case engine.Gone:
		return badHandle(c.Handle, "Message does not exist or is not available for visibility timeout change.")
	case engine.Expired:
		return expired(c.Handle)
	case engine.BeyondLimit:
		return engine.Errorf(engine.CodeInvalidParameterValue, "Value %d for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]", c.Visibility.N)
	}
	return nil
}

// expiredError is the refusal of a handle that is too old.
type expiredError struct{ single *engine.Error }

func expired(handle string) error {
	return &expiredError{badHandle(handle, "The receipt handle has expired.")}
}

func (e *expiredError) Error() string { return e.single.Error() }

// Unwrap makes it a refusal like any other.
func (e *expiredError) Unwrap() error { return e.single }

// inBatch is how a FIFO queue's batch of deletes words it.
func (e *expiredError) inBatch() error {
	return &engine.Error{Code: engine.CodeReceiptHandleIsInvalid, Message: "The receipt handle has expired"}
}

func badHandle(handle, reason string) *engine.Error {
	return engine.Errorf(engine.CodeInvalidParameterValue, "Value %s for parameter ReceiptHandle is invalid. Reason: %s", handle, reason)
}
