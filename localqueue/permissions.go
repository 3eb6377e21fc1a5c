package localqueue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// AddPermission adds a statement to the queue's policy. Policies are stored and
// edited; no call is refused for what they say.
func (s *Server) AddPermission(ctx context.Context, in *sqs.AddPermissionInput, opts ...func(*sqs.Options)) (*sqs.AddPermissionOutput, error) {
	return call(ctx, s, "AddPermission", opts, in, s.addPermission)
}

func (s *Server) addPermission(ns namespace, in *sqs.AddPermissionInput) (*sqs.AddPermissionOutput, error) {
	return &sqs.AddPermissionOutput{}, s.change(ns, in.QueueUrl, journal.Urgent, func(at engine.Time, q *engine.Queue) error {
		if in.Label == nil {
			return api.Missing("Label")
		}
		return s.engine.AddPermission(at, q, *in.Label, in.AWSAccountIds, in.Actions)
	})
}

// RemovePermission removes the statement of that label from the queue's policy.
func (s *Server) RemovePermission(ctx context.Context, in *sqs.RemovePermissionInput, opts ...func(*sqs.Options)) (*sqs.RemovePermissionOutput, error) {
	return call(ctx, s, "RemovePermission", opts, in, s.removePermission)
}

func (s *Server) removePermission(ns namespace, in *sqs.RemovePermissionInput) (*sqs.RemovePermissionOutput, error) {
	return &sqs.RemovePermissionOutput{}, s.change(ns, in.QueueUrl, journal.Urgent, func(at engine.Time, q *engine.Queue) error {
		if in.Label == nil {
			return api.Missing("Label")
		}
		return s.engine.RemovePermission(at, q, *in.Label)
	})
}
