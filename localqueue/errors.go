package localqueue

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// toSDK makes of an engine's refusal what *sqs.Client would return: the modelled
// error type where SQS models one, otherwise a *smithy.GenericAPIError, inside a
// *smithy.OperationError that names the action.
func toSDK(action string, err error) error {
	if err == nil {
		return nil
	}
	var e *engine.Error
	if l := (*lost)(nil); errors.As(err, &l) {
		err = l.sdk()
	} else if errors.As(err, &e) {
		err = modelled(e)
	}
	return &smithy.OperationError{ServiceID: "SQS", OperationName: action, Err: err}
}

func modelled(e *engine.Error) error {
	code, msg := &e.Code, &e.Message
	switch e.Code {
	case engine.CodeBatchIDsNotDistinct:
		return &types.BatchEntryIdsNotDistinct{Message: msg, ErrorCodeOverride: code}
	case engine.CodeBatchTooLong:
		return &types.BatchRequestTooLong{Message: msg, ErrorCodeOverride: code}
	case engine.CodeEmptyBatch:
		return &types.EmptyBatchRequest{Message: msg, ErrorCodeOverride: code}
	case engine.CodeInvalidAttributeName:
		return &types.InvalidAttributeName{Message: msg, ErrorCodeOverride: code}
	case engine.CodeInvalidAttributeValue:
		return &types.InvalidAttributeValue{Message: msg, ErrorCodeOverride: code}
	case engine.CodeInvalidBatchEntryID:
		return &types.InvalidBatchEntryId{Message: msg, ErrorCodeOverride: code}
	case engine.CodeInvalidMessageContents:
		return &types.InvalidMessageContents{Message: msg, ErrorCodeOverride: code}
	case engine.CodeOverLimit:
		return &types.OverLimit{Message: msg, ErrorCodeOverride: code}
	case engine.CodePurgeInProgress:
		return &types.PurgeQueueInProgress{Message: msg, ErrorCodeOverride: code}
	case engine.CodeQueueDeletedRecently:
		return &types.QueueDeletedRecently{Message: msg, ErrorCodeOverride: code}
	case engine.CodeQueueDoesNotExist:
		return &types.QueueDoesNotExist{Message: msg, ErrorCodeOverride: code}
	case engine.CodeQueueNameExists:
		return &types.QueueNameExists{Message: msg, ErrorCodeOverride: code}
	case engine.CodeReceiptHandleIsInvalid:
		return &types.ReceiptHandleIsInvalid{Message: msg, ErrorCodeOverride: code}
	case engine.CodeRequestThrottled:
		return &types.RequestThrottled{Message: msg, ErrorCodeOverride: code}
	case engine.CodeResourceNotFound:
		return &types.ResourceNotFoundException{Message: msg, ErrorCodeOverride: code}
	case engine.CodeTooManyBatchEntries:
		return &types.TooManyEntriesInBatchRequest{Message: msg, ErrorCodeOverride: code}
	case engine.CodeUnsupportedOperation:
		return &types.UnsupportedOperation{Message: msg, ErrorCodeOverride: code}
	}
	fault := smithy.FaultClient
	if e.Code == engine.CodeInternalFailure || e.Code == engine.CodeServiceUnavailable {
		fault = smithy.FaultServer
	}
	return &smithy.GenericAPIError{Code: e.Code, Message: e.Message, Fault: fault}
}
