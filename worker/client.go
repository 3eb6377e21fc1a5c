package worker

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// Client is the part of SQS that a worker uses; *sqs.Client and
// *localqueue.Server have it. Every call must end soon after its context does.
//
// The IAM permissions to match are sqs:ReceiveMessage, sqs:DeleteMessage,
// sqs:ChangeMessageVisibility, sqs:GetQueueAttributes (see [Worker.Run] for what
// happens without it) and, for a queue given by name, sqs:GetQueueUrl.
type Client interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
	GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
}

var _ Client = (*sqs.Client)(nil)

// fatalCodes are the error codes that waiting does not cure: who asks is not
// known or not allowed, or the request itself is refused. A missing queue is
// fatal too and has a type of its own. Codes come in two spellings, the older
// Query protocol's and the JSON protocol's.
var fatalCodes = map[string]bool{
	"AccessDenied": true, "AccessDeniedException": true,
	"NotAuthorized": true, "OptInRequired": true, "InvalidSecurity": true,
	"KmsAccessDenied": true, "KMS.AccessDeniedException": true,
	"KmsNotFound": true, "KMS.NotFoundException": true,
	"KmsOptInRequired": true, "KMS.OptInRequired": true,
	"InvalidClientTokenId": true, "UnrecognizedClientException": true,
	"SignatureDoesNotMatch": true, "InvalidSignatureException": true,
	"IncompleteSignature": true, "IncompleteSignatureException": true,
	"MissingAuthenticationToken": true, "MissingAuthenticationTokenException": true,
	"InvalidAddress":        true,
	"InvalidParameterValue": true, "InvalidParameterValueException": true,
	"MissingParameter": true, "MissingRequiredParameterException": true,
	"InvalidAction": true, "UnknownOperationException": true,
	"UnsupportedOperation": true, "AWS.SimpleQueueService.UnsupportedOperation": true,
}

// fatal reports whether asking again later would get the same answer.
// Throttling, server faults and everything that happens to a network pass.
func fatal(err error) bool {
	if errors.As(err, new(*types.QueueDoesNotExist)) {
		return true
	}
	var api smithy.APIError
	return errors.As(err, &api) && fatalCodes[api.ErrorCode()]
}

// denied reports whether err says that the caller may not do this.
func denied(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	code := api.ErrorCode()
	return code == "AccessDenied" || code == "AccessDeniedException"
}
