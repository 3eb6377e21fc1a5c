package attr

import (
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// fatalCodes are the error codes that waiting does not cure: who asks is not known, or
// not allowed, or the queue's key cannot be used. Codes come in two spellings, the older
// Query protocol's and the JSON protocol's.
var fatalCodes = map[string]bool{
	"AccessDenied": true, "AccessDeniedException": true,
	"NotAuthorized": true, "OptInRequired": true, "InvalidSecurity": true,
	"KmsAccessDenied": true, "KMS.AccessDeniedException": true,
	"KmsNotFound": true, "KMS.NotFoundException": true,
	"KmsDisabled": true, "KMS.DisabledException": true,
	"KmsInvalidState": true, "KMS.InvalidStateException": true,
	"KmsInvalidKeyUsage": true, "KMS.InvalidKeyUsageException": true,
	"KmsOptInRequired": true, "KMS.OptInRequired": true,
	"InvalidClientTokenId": true, "UnrecognizedClientException": true,
	"SignatureDoesNotMatch": true, "InvalidSignatureException": true,
	"IncompleteSignature": true, "IncompleteSignatureException": true,
	"MissingAuthenticationToken": true, "MissingAuthenticationTokenException": true,
}

// throttleCodes ask for fewer requests.
var throttleCodes = map[string]bool{
	"RequestThrottled": true, "ThrottlingException": true, "Throttling": true, "ThrottledException": true,
	"RequestThrottledException": true, "TooManyRequestsException": true, "SlowDown": true,
	"RequestLimitExceeded": true, "BandwidthLimitExceeded": true, "LimitExceededException": true,
	"OverLimit": true, "AWS.SimpleQueueService.OverLimit": true,
	"KmsThrottled": true, "KMS.ThrottlingException": true,
}

// Fatal reports whether nothing like the request that failed with err will be answered,
// now or later: a code says so, or there is no such queue. It is not so if the SDK has
// found out that this machine's clock is wrong: it will sign the next by the server's.
func Fatal(err error) bool {
	if err == nil {
		return false // without a variable on the heap
	}
	var known interface{ RetryableError() bool }
	if errors.As(err, &known) && known.RetryableError() {
		return false
	}
	return errors.As(err, new(*types.QueueDoesNotExist)) || fatalCodes[code(err)]
}

// Throttled reports whether SQS, or somebody before it, asks for fewer requests.
func Throttled(err error) bool {
	return err != nil && (throttleCodes[code(err)] || Status(err) == http.StatusTooManyRequests)
}

// Status is the HTTP status of the answer, 0 if err comes from none.
func Status(err error) int {
	var answer *smithyhttp.ResponseError
	if !errors.As(err, &answer) || answer.Response == nil || answer.Response.Response == nil {
		return 0
	}
	return answer.HTTPStatusCode()
}

// code returns the code of SQS's answer, "" if err is none.
func code(err error) string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return ""
	}
	return api.ErrorCode()
}
