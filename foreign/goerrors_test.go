package foreign_test

import (
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func (c *goClient) errors() {
	url := c.create("errors", nil)
	batch := func(ids ...string) error {
		var entries []types.SendMessageBatchRequestEntry
		for _, id := range ids {
			entries = append(entries, types.SendMessageBatchRequestEntry{Id: &id, MessageBody: aws.String("x")})
		}
		_, err := c.sqs.SendMessageBatch(c.ctx, &sqs.SendMessageBatchInput{QueueUrl: url, Entries: entries})
		return err
	}
	put := func(url, body string) error {
		_, err := c.sqs.SendMessage(c.ctx, &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body})
		return err
	}
	_, noQueue := c.sqs.GetQueueUrl(c.ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(c.prefix + "missing")})
	_, badHandle := c.sqs.DeleteMessage(c.ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: aws.String("no-handle")})
	_, tooMany := c.sqs.ReceiveMessage(c.ctx, &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 11})
	_, noAttribute := c.sqs.SetQueueAttributes(c.ctx, &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"Colour": "red"}})
	const service = "AWS.SimpleQueueService."
	for _, x := range []struct {
		err    error
		code   string
		status int
		typ    any // as errors.As wants it; nil if the SDK has none
	}{
		{noQueue, service + "NonExistentQueue", http.StatusBadRequest, new(*types.QueueDoesNotExist)},
		{put(*url+"-missing", "x"), service + "NonExistentQueue", http.StatusBadRequest, new(*types.QueueDoesNotExist)},
		{badHandle, "ReceiptHandleIsInvalid", http.StatusNotFound, new(*types.ReceiptHandleIsInvalid)},
		{batch("a", "a"), service + "BatchEntryIdsNotDistinct", http.StatusBadRequest, new(*types.BatchEntryIdsNotDistinct)},
		{batch("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"), service + "TooManyEntriesInBatchRequest", http.StatusBadRequest, new(*types.TooManyEntriesInBatchRequest)},
		{put(*url, forbiddenBody), "InvalidMessageContents", http.StatusBadRequest, new(*types.InvalidMessageContents)},
		{tooMany, "InvalidParameterValue", http.StatusBadRequest, nil},
		{noAttribute, "InvalidAttributeName", http.StatusBadRequest, new(*types.InvalidAttributeName)},
	} {
		equal(c, "code", code(x.err), x.code)
		if x.typ != nil && !errors.As(x.err, x.typ) {
			c.Errorf("%v is no %T", x.err, x.typ)
		}
		var reply *smithyhttp.ResponseError
		if !errors.As(x.err, &reply) || reply.HTTPStatusCode() != x.status {
			c.Errorf("%v: not status %d", x.err, x.status)
		}
	}
}
