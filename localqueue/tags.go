package localqueue

import (
	"context"
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// TagQueue adds tags to the queue, over those of the same key.
func (s *Server) TagQueue(ctx context.Context, in *sqs.TagQueueInput, opts ...func(*sqs.Options)) (*sqs.TagQueueOutput, error) {
	return call(ctx, s, "TagQueue", opts, in, s.tagQueue)
}

func (s *Server) tagQueue(ns namespace, in *sqs.TagQueueInput) (*sqs.TagQueueOutput, error) {
	return &sqs.TagQueueOutput{}, s.change(ns, in.QueueUrl, journal.Urgent, func(at engine.Time, q *engine.Queue) error {
		return s.engine.Tag(at, q, in.Tags)
	})
}

// UntagQueue removes tags. One that is not there is no error.
func (s *Server) UntagQueue(ctx context.Context, in *sqs.UntagQueueInput, opts ...func(*sqs.Options)) (*sqs.UntagQueueOutput, error) {
	return call(ctx, s, "UntagQueue", opts, in, s.untagQueue)
}

func (s *Server) untagQueue(ns namespace, in *sqs.UntagQueueInput) (*sqs.UntagQueueOutput, error) {
	return &sqs.UntagQueueOutput{}, s.change(ns, in.QueueUrl, journal.Urgent, func(at engine.Time, q *engine.Queue) error {
		if len(in.TagKeys) == 0 {
			return api.Missing("TagKeys")
		}
		s.engine.Untag(at, q, in.TagKeys)
		return nil
	})
}

// ListQueueTags returns the tags of the queue; nil if it has none.
func (s *Server) ListQueueTags(ctx context.Context, in *sqs.ListQueueTagsInput, opts ...func(*sqs.Options)) (*sqs.ListQueueTagsOutput, error) {
	return call(ctx, s, "ListQueueTags", opts, in, s.listQueueTags)
}

func (s *Server) listQueueTags(ns namespace, in *sqs.ListQueueTagsInput) (*sqs.ListQueueTagsOutput, error) {
	q, err := s.find(ns, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := q.lock(); err != nil {
		return nil, err
	}
	tags := maps.Clone(q.q.Tags)
	q.mu.Unlock()
	return &sqs.ListQueueTagsOutput{Tags: tags}, s.written(q)
}
