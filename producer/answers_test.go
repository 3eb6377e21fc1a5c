package producer_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/quayside-go/quayside/producer"
)

// The SDK finds out that the clock is an hour off, and signs the next request by the server's.
func TestClockSkew(t *testing.T) {
	for _, way := range []string{"sdk", "producer"} {
		t.Run(way, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var s service
				c := doer(func(r *http.Request) (*http.Response, error) {
					now := time.Now().Add(time.Hour)
					at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
					if err != nil || now.Sub(at) > 15*time.Minute {
						return says(r, 403, `{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"Signature expired"}`,
							"Date", now.UTC().Format(http.TimeFormat)), nil
					}
					return s.Do(r)
				}).client()
				var err error
				if way == "sdk" {
					_, err = c.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: new(byURL),
						Entries: []types.SendMessageBatchRequestEntry{{Id: new("0"), MessageBody: new("x")}}})
				} else {
					_, err = producer.New(c, byURL).Send(t.Context(), producer.Message{Body: "x"})
				}
				if err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A batch is refused as a whole because of one of its messages, by SQS or before it.
func TestOneMessageSpoilsTheRequest(t *testing.T) {
	for name, refusal := range map[string]error{
		"unknown code": api("MessageRejectedByPolicy"),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := producer.New(double{send: func(_ context.Context, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
					if has(in, "3") {
						return nil, refusal
					}
					return taken(in), nil
				}}, byURL, quick)
				rs, _ := p.SendAll(t.Context(), numbered(10)...)
				onlyThird(t, rs)
			})
		})
	}
	t.Run("413", func(t *testing.T) { // of a proxy that takes 500 KiB
		bubble(t, func(t *testing.T) {
			var s service
			c := doer(func(r *http.Request) (*http.Response, error) {
				if r.ContentLength > 500<<10 {
					return says(r, 413, "<html>", "Content-Type", "text/html"), nil
				}
				return s.Do(r)
			}).client()
			ms := numbered(10)
			ms[3].Body = strings.Repeat("x", 600<<10)
			rs, _ := producer.New(c, byURL, quick).SendAll(t.Context(), ms...)
			onlyThird(t, rs)
		})
	})
}

func onlyThird(t *testing.T, rs []producer.Result) {
	t.Helper()
	innocent := 0
	for i, r := range rs {
		if r.Err != nil && i != 3 {
			innocent++
		}
	}
	if innocent > 0 {
		t.Errorf("message 3 is wrong, and %d others failed, one with: %v", innocent, rs[0].Err)
	}
}

// What was refused was not sent.
func TestRefusedIsNotUnanswered(t *testing.T) {
	for _, code := range []string{"ExpiredTokenException", "ExpiredToken", "RequestExpired"} {
		t.Run(code, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				c := doer(func(r *http.Request) (*http.Response, error) {
					return says(r, 400, `{"__type":"com.amazon.coral.service#`+code+`","message":"expired"}`), nil
				}).client()
				_, err := producer.New(c, byURL, once).Send(t.Context(), producer.Message{Body: "x"})
				if err == nil || strings.Contains(err.Error(), "may have been sent") {
					t.Error(err)
				}
			})
		})
	}
}

// The limit of a request is nobody's deadline.
func TestDeadlineOfNobody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, err := producer.New(hung{}, byURL, once).Send(t.Context(), producer.Message{Body: "x"})
		if errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("errors.Is says that a deadline of the caller's is over: %v", err)
		}
	})
}

// The hook hears of messages that a reply does not mention.
func TestEventOfASilentReply(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := producer.New(double{send: func(context.Context, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			return &sqs.SendMessageBatchOutput{}, nil
		}}, byURL, once, func(o *producer.Options) {
			o.Hook = func(_ context.Context, e producer.Event) {
				if e.Err == nil && len(e.Refused) == 0 {
					t.Error("the hook is told that SQS took all")
				}
			}
		})
		if _, err := p.Send(t.Context(), producer.Message{Body: "x"}); err == nil {
			t.Error("Send = nil")
		}
	})
}

// "+0" is not "0".
func TestForeignID(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := producer.New(double{send: func(_ context.Context, in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
			out := taken(in)
			out.Successful[0].Id = new("+0")
			return out, nil
		}}, byURL, once)
		if s, err := p.Send(t.Context(), producer.Message{Body: "x"}); err == nil {
			t.Errorf("Send = %v, nil by a reply that does not name the entry", s)
		}
	})
}
