package payload

import (
	"errors"

	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/internal/attr"
	"github.com/quayside-go/quayside/producer"
)

// refusals are the codes by which SQS says that it will not take such a message. The SDK
// may have sent a request several times, and of those that were not answered one may have
// been taken; these codes would have met the first of them as well. Throttling and server
// faults would not, and neither would what is said against the sender, or of a queue that
// does not exist, for this sender perhaps: credentials and policies change, and not
// everywhere at once.
var refusals = map[string]bool{
	"InvalidParameterValue": true, "InvalidParameterValueException": true,
	"MissingParameter": true, "MissingRequiredParameterException": true,
	"InvalidMessageContents": true, "InvalidAttributeValue": true,
	"UnsupportedOperation": true, "AWS.SimpleQueueService.UnsupportedOperation": true,
	"BatchRequestTooLong": true, "AWS.SimpleQueueService.BatchRequestTooLong": true,
}

// refused reports whether err, which Send is to return, says that the message was not
// sent and never will be. If that is not certain, it was.
func refused(err error) bool {
	if err == producer.ErrClosed || attr.IsUnsent(err) { // one that only holds ErrClosed was under way
		return true
	}
	if errors.As(err, new(smithy.InvalidParamsError)) {
		return true // the SDK's own checks
	}
	var api smithy.APIError
	return errors.As(err, &api) && refusals[api.ErrorCode()]
}
