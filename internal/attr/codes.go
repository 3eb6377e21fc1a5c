package attr

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
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
	"OverLimit": true, "AWS.SimpleQueueService.OverLimit": true,
	"KmsThrottled": true, "KMS.ThrottlingException": true,
}

// Fatal reports whether nothing like the request that failed with err will be answered,
// now or later: a code says so, or there is no such queue. It is not so if the SDK has
// found out that this machine's clock is wrong: it will sign the next by the server's.
func Fatal(err error) bool {
	var known interface{ RetryableError() bool }
	if errors.As(err, &known) && known.RetryableError() {
		return false
	}
	return errors.As(err, new(*types.QueueDoesNotExist)) || fatalCodes[code(err)]
}

// Throttled reports whether SQS asks for fewer requests.
func Throttled(err error) bool { return throttleCodes[code(err)] }

// code returns the code of SQS's answer, "" if err is none.
func code(err error) string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return ""
	}
	return api.ErrorCode()
}
