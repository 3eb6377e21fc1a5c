package worker

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/internal/attr"
)

// wrongCodes say that a request is refused for what is in it.
var wrongCodes = map[string]bool{
	"InvalidAddress":        true,
	"InvalidParameterValue": true, "InvalidParameterValueException": true,
	"InvalidParameterCombination": true, "InvalidParameterCombinationException": true,
	"MissingParameter": true, "MissingRequiredParameterException": true,
	"ReceiptHandleIsInvalid": true, "InvalidIdFormat": true,
	"InvalidBatchEntryId": true, "AWS.SimpleQueueService.InvalidBatchEntryId": true,
	"SerializationException": true, "ValidationException": true, "ValidationError": true,
	"InvalidAction": true, "UnknownOperationException": true,
	"UnsupportedOperation": true, "AWS.SimpleQueueService.UnsupportedOperation": true,
}

// wrong reports whether this request will never be answered, by SQS or by the
// SDK's own checks, because of its parameters.
func wrong(err error) bool {
	if errors.As(err, new(smithy.InvalidParamsError)) {
		return true
	}
	var api smithy.APIError
	return errors.As(err, &api) && wrongCodes[api.ErrorCode()]
}

// answered reports whether err came from SQS: it has heard the request.
func answered(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api)
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

// refused is the error of an entry, of the kind that the SDK makes of a refused
// request: errors.As finds a smithy.APIError in it.
type refused struct{ *smithy.GenericAPIError }

func (e refused) Unwrap() error { return e.GenericAPIError }

func refusal(f types.BatchResultErrorEntry) error {
	e := &smithy.GenericAPIError{Code: deref(f.Code), Message: deref(f.Message), Fault: smithy.FaultServer}
	if f.SenderFault {
		e.Fault = smithy.FaultClient
	}
	return refused{e}
}

// passing reports whether sending an entry again may help: not if the entry is
// wrong in itself, and not if the request got an error that does not pass.
func passing(err error) bool {
	if e, ok := err.(refused); ok {
		return e.Fault != smithy.FaultClient
	}
	return !attr.Fatal(err) && !wrong(err)
}
