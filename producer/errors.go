package producer

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/internal/attr"
)

// spoiltCodes say that a request is refused for what is in one of its messages, or
// for all of them together.
var spoiltCodes = map[string]bool{
	"InvalidParameterValue": true, "InvalidParameterValueException": true,
	"MissingParameter": true, "MissingRequiredParameterException": true,
	"InvalidMessageContents": true,
	"UnsupportedOperation":   true, "AWS.SimpleQueueService.UnsupportedOperation": true,
	"BatchRequestTooLong": true, "AWS.SimpleQueueService.BatchRequestTooLong": true,
}

// wrongCodes are the others that say that a request is wrong in itself.
var wrongCodes = map[string]bool{
	"InvalidAddress":              true,
	"InvalidParameterCombination": true, "InvalidParameterCombinationException": true,
	"InvalidBatchEntryId": true, "AWS.SimpleQueueService.InvalidBatchEntryId": true,
	"SerializationException": true, "ValidationException": true, "ValidationError": true,
	"InvalidAction": true, "UnknownOperationException": true,
}

// passing reports whether making a request again may help. Throttling, server faults
// and everything that happens to a network pass.
func passing(err error) bool {
	if attr.Fatal(err) || errors.As(err, new(smithy.InvalidParamsError)) {
		return false
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return true
	}
	code := api.ErrorCode()
	return !spoiltCodes[code] && !wrongCodes[code]
}

// passingCodes say of a request that it may pass another time, whatever is in it: SQS has
// failed, or credentials have to be renewed.
var passingCodes = map[string]bool{
	"InternalError": true, "InternalFailure": true, "InternalServerError": true, "InternalServiceError": true,
	"ServiceUnavailable": true, "ServiceUnavailableException": true, "Unavailable": true,
	"RequestTimeout": true, "RequestTimeoutException": true,
	"RequestExpired": true, "ExpiredToken": true, "ExpiredTokenException": true,
}

// divisible reports whether one message may have spoilt a request: SQS, or somebody before
// it, or the SDK's own checks, have refused it as wrong in itself, rather than for who asks,
// where or how often, or with a code that nobody here knows.
func divisible(err error) bool {
	if errors.As(err, new(smithy.InvalidParamsError)) {
		return true
	}
	switch attr.Status(err) {
	case http.StatusUnauthorized, http.StatusProxyAuthRequired, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return refused(err)
	}
	if attr.Fatal(err) || attr.Throttled(err) || passingCodes[api.ErrorCode()] {
		return false
	}
	return refused(err) || api.ErrorFault() != smithy.FaultServer && attr.Status(err) == 0
}

// unsure reports whether a request that failed may have been carried out all the same:
// no answer came, or SQS failed while it was about it.
func unsure(err error) bool {
	if errors.As(err, new(smithy.InvalidParamsError)) || refused(err) {
		return false
	}
	var api smithy.APIError
	return !errors.As(err, &api) || passing(err) && !attr.Throttled(err)
}

// refused reports whether the status of the answer says that the request was not carried
// out.
func refused(err error) bool { return attr.Status(err)/100 == 4 }

var (
	errUnmentioned = errors.New("the reply does not mention the message")
	errPanicked    = errors.New("the client or the hook panicked")
	errWithdrawn   = errors.New("nothing is known of the request")
)

// refusal is what SQS says against a message.
func refusal(r types.BatchResultErrorEntry) error {
	e := &smithy.GenericAPIError{Code: deref(r.Code), Message: deref(r.Message), Fault: smithy.FaultServer}
	if r.SenderFault {
		e.Fault = smithy.FaultClient
	}
	return e
}

// CloseError says that [Producer.Close] ended before everything was sent.
type CloseError struct {
	Queue string // its name

	// NotSent is how many messages were not sent, Unanswered how many others may have
	// been: no answer came to their requests. Their callers have got errors that hold
	// ErrClosed. Messages whose own contexts had ended before are not counted.
	NotSent, Unanswered int

	// Calls is how many calls of SendAll were cut short. Their results tell of messages
	// that are not counted here, as it was not their turn yet.
	Calls int

	Err error // of Close's context
}

func (e *CloseError) Error() string {
	calls := ""
	if e.Calls > 0 {
		calls = fmt.Sprintf(", and the rest of %d calls of SendAll", e.Calls)
	}
	return fmt.Sprintf("producer: close %q: %d messages not sent, %d unanswered that may have been sent%s: %v",
		e.Queue, e.NotSent, e.Unanswered, calls, e.Err)
}

// Unwrap returns the error of Close's context.
func (e *CloseError) Unwrap() error { return e.Err }
