package worker

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Client is the part of SQS that a worker uses; *sqs.Client and
// *localqueue.Server have it. Every call must end soon after its context does.
//
// The IAM permissions to match are sqs:ReceiveMessage, sqs:DeleteMessage,
// sqs:ChangeMessageVisibility, sqs:GetQueueAttributes (see [Worker.Run] for what
// happens without it) and, for a queue given by name, sqs:GetQueueUrl. For messages
// that the worker moves to the dead-letter queue itself ([DeadLetter], bodies that
// cannot be decoded, FIFO queues) it needs sqs:SendMessage and sqs:GetQueueUrl on
// that queue; without them such a message is a failure like any other.
type Client interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
	GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

var _ Client = (*sqs.Client)(nil)
