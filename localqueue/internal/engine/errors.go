package engine

import "fmt"

// Error is a refusal in SQS's own words. Code is the Query-protocol error code
// ("InvalidParameterValue", "AWS.SimpleQueueService.NonExistentQueue", ...);
// the faces of the server turn it into an SDK error type or a wire answer.
type Error struct {
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes an Error with a formatted message.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// The codes SQS answers with, as the Query protocol spells them.
const (
	CodeBatchIDsNotDistinct    = "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"
	CodeBatchTooLong           = "AWS.SimpleQueueService.BatchRequestTooLong"
	CodeEmptyBatch             = "AWS.SimpleQueueService.EmptyBatchRequest"
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
	CodeResourceNotFound       = "ResourceNotFoundException"
	CodeThrottling             = "ThrottlingException"
	CodeTooManyBatchEntries    = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"
	CodeUnsupportedOperation   = "AWS.SimpleQueueService.UnsupportedOperation"
)
