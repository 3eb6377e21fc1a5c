package worker_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/worker"
)

// service answers the SDK's own client, by action. It hands out messages once,
// and lets requests without an answer hang.
type service struct {
	answers  map[string]answer
	received atomic.Bool
}

type answer struct {
	status int
	code   string // x-amzn-query-error, if there is one
	body   string
}

// Do makes an http.Client of s.
func (s *service) Do(r *http.Request) (*http.Response, error) {
	if _, err := io.ReadAll(r.Body); err != nil {
		return nil, err
	}
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	a, ok := s.answers[action]
	if !ok || a.body == oneMessage && s.received.Swap(true) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	h := http.Header{"Content-Type": {"application/x-amz-json-1.0"}, "Date": {time.Now().UTC().Format(http.TimeFormat)}}
	if a.code != "" {
		h.Set("x-amzn-query-error", a.code+";Sender")
	}
	return &http.Response{StatusCode: a.status, Header: h, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// sdk returns the SDK's own client for a queue "orders".
func sdk(answers map[string]answer) *sqs.Client {
	answers["GetQueueUrl"] = answer{200, "", `{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/1/orders"}`}
	answers["GetQueueAttributes"] = answer{200, "", `{"Attributes":{"VisibilityTimeout":"60"}}`}
	return sqs.New(sqs.Options{Region: "eu-west-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: &service{answers: answers}})
}

const oneMessage = `{"Messages":[{"MessageId":"a","ReceiptHandle":"a#1","Body":"b","MD5OfBody":"92eb5ffee6ae2fec3ad71c777531578f"}]}`

func TestSDKDrainOfAnIdleWorker(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake()
		w := start(t, sdk(map[string]answer{}), "orders", ok, hooked(f))
		after(time.Second)
		began := time.Now()
		w.clean()
		es := f.of(worker.EventRequest)
		if last := es[len(es)-1]; last.Err != worker.ErrDraining || time.Since(began) != 0 {
			t.Errorf("the poll ended with %v, and Run %v later; want ErrDraining at once", last.Err, time.Since(began))
		}
	})
}

func TestSDKReceiveErrors(t *testing.T) {
	t.Parallel()
	for code, test := range map[string]struct {
		answer answer
		ends   bool
	}{
		"QueueDoesNotExist":           {answer{400, "AWS.SimpleQueueService.NonExistentQueue", `{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}`}, true},
		"AccessDeniedException":       {answer{403, "AccessDenied", `{"__type":"com.amazon.coral.service#AccessDeniedException"}`}, true},
		"UnrecognizedClientException": {answer{403, "InvalidClientTokenId", `{"__type":"com.amazon.coral.service#UnrecognizedClientException"}`}, true},
		"InvalidSecurity":             {answer{403, "InvalidSecurity", `{"__type":"com.amazonaws.sqs#InvalidSecurity"}`}, true},
		"ExpiredTokenException":       {answer{403, "ExpiredToken", `{"__type":"com.amazon.coral.service#ExpiredTokenException"}`}, false},
		"RequestThrottled":            {answer{400, "RequestThrottled", `{"__type":"com.amazonaws.sqs#RequestThrottled"}`}, false},
		"OverLimit":                   {answer{403, "AWS.SimpleQueueService.OverLimit", `{"__type":"com.amazonaws.sqs#OverLimit"}`}, false},
		"InternalFailure":             {answer{500, "", `{"__type":"InternalFailure"}`}, false},
	} {
		t.Run(code, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := start(t, sdk(map[string]answer{"ReceiveMessage": test.answer}), "orders", ok)
				after(time.Minute)
				select {
				case <-w.done:
					if !test.ends || w.err == nil {
						t.Errorf("Run = %v, want it to go on", w.err)
					}
				default:
					if test.ends {
						t.Error("Run goes on, want it to return the error")
					}
				}
			})
		})
	}
}

// Deleting is refused for one of several reasons, none of which leaves a
// message undeleted unnoticed.
func TestSDKDeleteErrors(t *testing.T) {
	t.Parallel()
	for code, test := range map[string]struct {
		answer answer
		ends   bool
	}{
		"denied":    {answer{403, "AccessDenied", `{"__type":"com.amazon.coral.service#AccessDeniedException"}`}, true},
		"bad value": {answer{400, "InvalidParameterValue", `{"__type":"com.amazon.coral.service#InvalidParameterValueException"}`}, false},
		"entry":     {answer{200, "", `{"Failed":[{"Id":"0","Code":"ReceiptHandleIsInvalid","SenderFault":true}]}`}, false},
	} {
		t.Run(code, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake()
				w := start(t, sdk(map[string]answer{
					"ReceiveMessage":     {200, "", oneMessage},
					"DeleteMessageBatch": test.answer,
				}), "orders", func(ctx context.Context, _ *worker.Message) error {
					return wait(ctx, time.Second)
				}, concurrency(1), hooked(f))
				after(10 * time.Second)
				if ended := slices.ContainsFunc(f.of(worker.EventDraining), func(e worker.Event) bool { return e.Err != nil }); ended != test.ends {
					t.Errorf("the worker has stopped: %v, want %v", ended, test.ends)
				}
				if es := f.of(worker.EventUnsettled); len(es) == 0 || es[0].Message.ID != "a" {
					t.Errorf("unsettled events %v, want one about message a", es)
				}
				w.stop()
			})
		})
	}
}
