package producer

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Client is the part of SQS that a producer uses; *sqs.Client and
// *localqueue.Server have it. Every call must end soon after its context does.
//
// The IAM permissions to match are sqs:SendMessage and, for a queue given by
// name, sqs:GetQueueUrl.
type Client interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
	GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
}

var _ Client = (*sqs.Client)(nil)
