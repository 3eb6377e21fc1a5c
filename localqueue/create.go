package localqueue

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// maxReceiveCount is what Create gives a queue that has a dead-letter queue.
const maxReceiveCount = 5

// Create makes queues, each as its spec says: "orders", "jobs.fifo", or
// "orders -> orders-dlq", which makes both, of one type, the right one the
// dead-letter queue of the left one after 5 receives. A queue that exists already
// keeps its attributes, but gets the dead-letter queue named if it has another or none. Queues made before an
// error stay. No Faults strike here.
func (s *Server) Create(ctx context.Context, specs ...string) error {
	for _, spec := range specs {
		left, right, arrow := strings.Cut(spec, "->")
		left, right = strings.TrimSpace(left), strings.TrimSpace(right)
		if err := s.create(ctx, left); err != nil {
			return fmt.Errorf("create queue %q: %w", spec, err)
		}
		if !arrow {
			continue
		}
		if err := s.create(ctx, right); err != nil {
			return fmt.Errorf("create queue %q: %w", spec, err)
		}
		if err := s.join(ctx, left, right); err != nil {
			return fmt.Errorf("create queue %q: %w", spec, err)
		}
	}
	return nil
}

// MustCreate is Create for programs and tests that cannot go on without: it
// panics if a queue cannot be made.
func (s *Server) MustCreate(specs ...string) {
	if err := s.Create(context.Background(), specs...); err != nil {
		panic(err)
	}
}

func (s *Server) create(ctx context.Context, name string) error {
	in := &sqs.CreateQueueInput{QueueName: &name}
	if strings.HasSuffix(name, ".fifo") {
		in.Attributes = map[string]string{string(types.QueueAttributeNameFifoQueue): "true"}
	}
	_, err := spared(ctx, s, "CreateQueue", in, s.createQueue)
	return err
}

// join makes dead the dead-letter queue of name, if it is not that already.
func (s *Server) join(ctx context.Context, name, dead string) error {
	if s.joined(name, dead) {
		return nil
	}
	arn := engine.Name{Account: s.opts.Account, Region: s.opts.Region, Queue: dead}.ARN()
	_, err := spared(ctx, s, "SetQueueAttributes", &sqs.SetQueueAttributesInput{
		QueueUrl: aws.String(name),
		Attributes: map[string]string{
			string(types.QueueAttributeNameRedrivePolicy): fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, arn, maxReceiveCount),
		},
	}, s.setQueueAttributes)
	return err
}

// joined reports whether dead is the dead-letter queue of name.
func (s *Server) joined(name, dead string) bool {
	here := func(queue string) engine.Name {
		return engine.Name{Account: s.opts.Account, Region: s.opts.Region, Queue: queue}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	q := s.engine.Lookup(here(name))
	return q != nil && q.Config.Redrive != nil && q.Config.Redrive.Target == here(dead)
}

// PurgeQueue deletes all messages of a queue, whatever their state, at once, and
// what it knows of deduplication ids.
func (s *Server) PurgeQueue(ctx context.Context, in *sqs.PurgeQueueInput, opts ...func(*sqs.Options)) (*sqs.PurgeQueueOutput, error) {
	return call(ctx, s, "PurgeQueue", opts, in, s.purgeQueue)
}

func (s *Server) purgeQueue(ns namespace, in *sqs.PurgeQueueInput) (*sqs.PurgeQueueOutput, error) {
	return &sqs.PurgeQueueOutput{}, s.change(ns, in.QueueUrl, journal.Clearing, s.engine.Purge)
}
