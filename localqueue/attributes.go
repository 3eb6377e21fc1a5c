package localqueue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// GetQueueAttributes returns the attributes named, as far as they are set. The
// counts among them are exact, and taken at one instant.
func (s *Server) GetQueueAttributes(ctx context.Context, in *sqs.GetQueueAttributesInput, opts ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	return call(ctx, s, "GetQueueAttributes", opts, in, func(ns namespace, in *sqs.GetQueueAttributesInput) (*sqs.GetQueueAttributesOutput, error) {
		names := make([]string, len(in.AttributeNames))
		for i, name := range in.AttributeNames {
			names[i] = string(name)
		}
		return s.getQueueAttributes(ns, &attributesInput{in.QueueUrl, names})
	})
}

// attributesInput is GetQueueAttributes with names of any kind of string.
type attributesInput struct {
	QueueURL *string
	Names    []string
}

func (s *Server) getQueueAttributes(ns namespace, in *attributesInput) (*sqs.GetQueueAttributesOutput, error) {
	q, err := s.find(ns, in.QueueURL)
	if err != nil {
		return nil, err
	}
	if err := q.lock(); err != nil {
		return nil, err
	}
	attributes, err := s.engine.Attributes(s.now(), q.q, in.Names)
	q.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return &sqs.GetQueueAttributesOutput{Attributes: attributes}, s.written(q)
}

// SetQueueAttributes changes the attributes given, all or none. The change is in
// force when the call returns, but for one of DeduplicationScope, which takes 60
// seconds.
func (s *Server) SetQueueAttributes(ctx context.Context, in *sqs.SetQueueAttributesInput, opts ...func(*sqs.Options)) (*sqs.SetQueueAttributesOutput, error) {
	return call(ctx, s, "SetQueueAttributes", opts, in, s.setQueueAttributes)
}

func (s *Server) setQueueAttributes(ns namespace, in *sqs.SetQueueAttributesInput) (*sqs.SetQueueAttributesOutput, error) {
	if err := checkLengths(in.Attributes); err != nil {
		return nil, err
	}
	return &sqs.SetQueueAttributesOutput{}, s.change(ns, in.QueueUrl, journal.Urgent, func(at engine.Time, q *engine.Queue) error {
		return s.engine.SetAttributes(at, q, in.Attributes)
	})
}

// longest are the attributes whose length nothing else limits, and how many bytes they
// may have: a queue's record on disk is bounded.
var longest = []struct {
	name types.QueueAttributeName
	most int
}{
	{types.QueueAttributeNameKmsMasterKeyId, 2048},
	{types.QueueAttributeNameRedriveAllowPolicy, 8192},
}

// checkLengths refuses attributes that are too long.
func checkLengths(attributes map[string]string) error {
	for _, l := range longest {
		if len(attributes[string(l.name)]) > l.most {
			return engine.Errorf(engine.CodeInvalidAttributeValue, "Invalid value for the parameter %s. Reason: It is longer than %d bytes.", l.name, l.most)
		}
	}
	return nil
}
