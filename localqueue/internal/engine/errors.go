package engine

import (
	"fmt"
	"strings"
)

// Error is a refusal in SQS's own words. Code is the Query-protocol error code
// ("InvalidParameterValue", "AWS.SimpleQueueService.NonExistentQueue", ...);
// the faces of the server turn it into an SDK error type or a wire answer.
type Error struct {
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// maxText bounds what an error repeats of a request: a policy fits, a body does not.
const maxText = 16 << 10

// Errorf makes an Error with a formatted message, which is cut if it is very long.
func Errorf(code, format string, args ...any) *Error {
	text := fmt.Sprintf(format, args...)
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "..."
	}
	return &Error{Code: code, Message: text}
}

// The codes SQS answers with, as the Query protocol spells them.
const (
	CodeBatchIDsNotDistinct    = "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"
	CodeBatchTooLong           = "AWS.SimpleQueueService.BatchRequestTooLong"
	CodeEmptyBatch             = "AWS.SimpleQueueService.EmptyBatchRequest"
	CodeInternalError          = "InternalError" // of an entry of a batch
	CodeInternalFailure        = "InternalFailure"
	CodeInvalidAttributeName   = "InvalidAttributeName"
	CodeInvalidAttributeValue  = "InvalidAttributeValue"
	CodeInvalidBatchEntryID    = "AWS.SimpleQueueService.InvalidBatchEntryId"
	CodeInvalidMessageContents = "InvalidMessageContents"
	CodeInvalidParameterValue  = "InvalidParameterValue"
	CodeMissingParameter       = "MissingParameter"
	CodeOverLimit              = "OverLimit"
	CodePurgeInProgress        = "AWS.SimpleQueueService.PurgeQueueInProgress"
	CodeQueueDeletedRecently   = "AWS.SimpleQueueService.QueueDeletedRecently"
	CodeQueueDoesNotExist      = "AWS.SimpleQueueService.NonExistentQueue"
	CodeQueueNameExists        = "QueueAlreadyExists"
	CodeReceiptHandleIsInvalid = "ReceiptHandleIsInvalid"
	CodeRequestThrottled       = "RequestThrottled"
	CodeResourceNotFound       = "ResourceNotFoundException"
	CodeServiceUnavailable     = "ServiceUnavailable"
	CodeThrottling             = "ThrottlingException"
	CodeTooManyBatchEntries    = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"
	CodeUnsupportedOperation   = "AWS.SimpleQueueService.UnsupportedOperation"
)
