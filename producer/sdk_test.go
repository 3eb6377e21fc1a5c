package producer_test

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/producer"
)

// service answers the SDK's own client like SQS, after a second.
type service struct {
	refusal string // if set, the code of the error that every send gets
	mu      sync.Mutex
	stored  []string
	calls   int
}

func (s *service) client() *sqs.Client {
	return sqs.New(sqs.Options{Region: "eu-west-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: s})
}

// Do makes an http.Client of s.
func (s *service) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	select {
	case <-time.After(time.Second):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	switch {
	case r.Header.Get("X-Amz-Target") == "AmazonSQS.GetQueueUrl":
		return reply(r, http.StatusOK, map[string]string{"QueueUrl": byURL})
	case s.refusal != "":
		return reply(r, http.StatusBadRequest, map[string]string{"__type": "com.amazonaws.sqs#" + s.refusal, "message": "no"})
	}
	var in struct {
		Entries []struct{ Id, MessageBody string }
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	var out struct{ Successful []map[string]string }
	for _, e := range in.Entries {
		s.stored = append(s.stored, e.MessageBody)
		sum := md5.Sum([]byte(e.MessageBody))
		out.Successful = append(out.Successful, map[string]string{
			"Id": e.Id, "MessageId": "id of " + e.MessageBody, "MD5OfMessageBody": hex.EncodeToString(sum[:]),
		})
	}
	return reply(r, http.StatusOK, out)
}

func reply(r *http.Request, status int, v any) (*http.Response, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	header := http.Header{"Content-Type": {"application/x-amz-json-1.0"}}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(string(body))), Request: r}, nil
}

// The SDK checks a request before it sends it, and fails it as a whole.
func TestSDKOneInvalidMessageDoesNotSpoilOthers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var s service
		ms := numbered(5)
		for i := range ms {
			ms[i].Group = "g"
		}
		ms[2].Attributes = map[string]types.MessageAttributeValue{"n": {StringValue: new("1")}} // no DataType
		ms[3].Body = "caf\xe9"
		for i, r := range sendAll(t.Context(), producer.New(s.client(), byURL+".fifo"), ms...) {
			if bad := i == 2 || i == 3; bad != (r.err != nil) {
				t.Errorf("Send %d = %v", i, r.err)
			}
		}
		if want := []string{"0", "1", "4"}; !slices.Equal(s.stored, want) {
			t.Errorf("SQS has stored %q, want %q", s.stored, want)
		}
	})
}

func TestSDKSendByName(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var s service
		sent, err := producer.New(s.client(), "orders").Send(t.Context(), producer.Message{Body: "b"})
		if err != nil || sent.ID != "id of b" {
			t.Errorf("Send = %+v, %v, want the id of b", sent, err)
		}
	})
}

func TestSDKErrorsKeepTheirCodes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := service{refusal: "RequestThrottled"}
		_, err := producer.New(s.client(), byURL).Send(t.Context(), producer.Message{Body: "b"})
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != "RequestThrottled" || s.calls != 6 {
			t.Errorf("Send = %v after %d requests, want RequestThrottled after 6: the SDK makes none of its own", err, s.calls)
		}
	})
}
