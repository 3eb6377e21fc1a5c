package attr_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/internal/attr"
)

func TestCodes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err              error
		fatal, throttled bool
	}{
		{nil, false, false},
		{errors.New("connection reset"), false, false},
		{&types.QueueDoesNotExist{}, true, false},
		{&smithy.GenericAPIError{Code: "AccessDenied"}, true, false},
		{&smithy.GenericAPIError{Code: "KmsDisabled"}, true, false},
		{&smithy.GenericAPIError{Code: "InternalError"}, false, false},
		{&smithy.GenericAPIError{Code: "ThrottlingException"}, false, true},
		{&smithy.GenericAPIError{}, false, false},
	} {
		err := test.err
		if err != nil {
			err = fmt.Errorf("receive: %w", err)
		}
		if f, s := attr.Fatal(err), attr.Throttled(err); f != test.fatal || s != test.throttled {
			t.Errorf("%v: Fatal %t, Throttled %t, want %t and %t", err, f, s, test.fatal, test.throttled)
		}
	}
}
