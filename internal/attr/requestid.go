package attr

import (
	"errors"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// RequestID returns what SQS calls the request that was answered with meta, "" if
// the answer does not say.
func RequestID(meta middleware.Metadata) string {
	id, _ := awsmiddleware.GetRequestIDMetadata(meta)
	return id
}

// FailedRequest returns what SQS calls the request that failed with err, "" if the
// error does not say.
func FailedRequest(err error) string {
	var answered interface{ ServiceRequestID() string }
	if errors.As(err, &answered) {
		return answered.ServiceRequestID()
	}
	return ""
}
