package payload_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/producer"
)

// SQS takes a message, the reply is lost, and by the time the SDK asks again the sender
// may not send any more: the message is in the queue, and its body stays.
func TestOffloadDeniedSecondTime(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"AccessDenied", "AccessDeniedException", "InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken", "QueueDoesNotExist"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // the SDK waits before it asks again
				var s memory
				var requests atomic.Int32
				c := sqs.New(sqs.Options{
					Region: "eu-west-1", Credentials: aws.AnonymousCredentials{},
					HTTPClient: doer(func(*http.Request) (*http.Response, error) {
						if requests.Add(1) == 1 {
							return nil, io.ErrUnexpectedEOF
						}
						return &http.Response{
							StatusCode: http.StatusForbidden, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
							Body: io.NopCloser(strings.NewReader(`{"__type":"com.amazonaws.sqs#` + code + `","message":"no"}`)),
						}, nil
					}),
				})
				_, err := offloading(c, "http://host/1/jobs", &s, always).Send(t.Context(), producer.Message{Body: "x"})
				var api smithy.APIError
				if !errors.As(err, &api) || api.ErrorCode() != code || requests.Load() < 2 {
					t.Fatalf("Send = %v after %d requests, want %s after more than one", err, requests.Load(), code)
				}
				if len(s.keys()) != 1 || len(s.deletes()) != 0 {
					t.Errorf("objects %q, deletes %q; the message may be in the queue", s.keys(), s.deletes())
				}
			})
		})
	}
}

type doer func(*http.Request) (*http.Response, error)

func (f doer) Do(r *http.Request) (*http.Response, error) { return f(r) }
