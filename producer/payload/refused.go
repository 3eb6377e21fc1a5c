package payload

import (
	"errors"

	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/producer"
)

// refusals are the codes by which SQS says that it will not take a message: as it is, in
// that queue, from this sender. The SDK may have sent a request several times, and of
// those that were not answered one may have been taken; these codes would have met the
// first of them as well. Throttling and server faults would not.
var refusals = map[string]bool{
	"InvalidParameterValue": true, "InvalidParameterValueException": true,
	"MissingParameter": true, "MissingRequiredParameterException": true,
	"InvalidMessageContents": true, "InvalidAttributeValue": true,
	"UnsupportedOperation": true, "AWS.SimpleQueueService.UnsupportedOperation": true,
	"BatchRequestTooLong": true, "AWS.SimpleQueueService.BatchRequestTooLong": true,
	"QueueDoesNotExist": true, "AWS.SimpleQueueService.NonExistentQueue": true,
	"AccessDenied": true, "AccessDeniedException": true,
	"InvalidClientTokenId": true, "SignatureDoesNotMatch": true,
}

// refused reports whether err, which Send is to return, says that the message was not
// sent and never will be. If that is not certain, it was.
func refused(err error) bool {
	if err == producer.ErrClosed { // and not one that holds it: those were under way
		return true
	}
	if errors.As(err, new(smithy.InvalidParamsError)) {
		return true // the SDK's own checks
	}
	var api smithy.APIError
	return errors.As(err, &api) && refusals[api.ErrorCode()]
}
