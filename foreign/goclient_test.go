package foreign_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/sqshttp"
)

// goSteps are the steps of the scenario for the Go SDK, with which explicit zeros cannot be sent but
// to ChangeMessageVisibility.
var goSteps = map[string]func(*goClient){
	"queues":     (*goClient).queues,
	"attributes": (*goClient).attributes,
	"send":       (*goClient).send,
	"batch":      (*goClient).batch,
	"receive":    (*goClient).receive,
	"longpoll":   (*goClient).longpoll,
	"visibility": (*goClient).visibility,
	"fifo":       (*goClient).fifo,
	"dlq":        (*goClient).dlq,
	"tags":       (*goClient).tags,
	"errors":     (*goClient).errors,
	"delete":     (*goClient).delete,
}

// runGo runs the scenario with aws-sdk-go-v2.
func runGo(t *testing.T, env []string, results *table) {
	value := make(map[string]string)
	for _, pair := range env {
		name, v, _ := strings.Cut(pair, "=")
		value[name] = v
	}
	hc := sqshttp.New()
	t.Cleanup(hc.CloseIdleConnections)
	client := sqs.New(sqs.Options{
		Region:       value["AWS_REGION"],
		BaseEndpoint: aws.String(value["AWS_ENDPOINT_URL_SQS"]),
		HTTPClient:   hc,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID:     value["AWS_ACCESS_KEY_ID"],
				SecretAccessKey: value["AWS_SECRET_ACCESS_KEY"],
			}, nil
		}),
	})
	prefix := prefix("go")
	for _, name := range scenario {
		r := row{"go", name, "see above", 0}
		start := time.Now()
		t.Run(name, func(t *testing.T) {
			goSteps[name](&goClient{t, t.Context(), client, prefix})
			if !t.Failed() {
				r.why = ""
			}
		})
		r.took = time.Since(start)
		results.add(r)
	}
}

// goClient is a client in one step. Its methods end the step when a call fails.
type goClient struct {
	*testing.T
	ctx    context.Context
	sqs    *sqs.Client
	prefix string // of the names of queues
}

// ok ends the step if a call failed.
func (c *goClient) ok(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// equal fails the step if got is not want.
func equal[V comparable](c *goClient, what string, got, want V) {
	c.Helper()
	if got != want {
		c.Errorf("%s: got %#v, want %#v", what, got, want)
	}
}

// create creates a queue and returns its URL.
func (c *goClient) create(name string, attributes map[string]string) *string {
	c.Helper()
	out, err := c.sqs.CreateQueue(c.ctx, &sqs.CreateQueueInput{QueueName: aws.String(c.prefix + name), Attributes: attributes})
	c.ok(err)
	return out.QueueUrl
}

// put sends a message without attributes.
func (c *goClient) put(url *string, body string) *sqs.SendMessageOutput {
	c.Helper()
	out, err := c.sqs.SendMessage(c.ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: &body})
	c.ok(err)
	return out
}

// take receives up to ten messages with all that is to be had.
func (c *goClient) take(url *string) []types.Message {
	c.Helper()
	out, err := c.sqs.ReceiveMessage(c.ctx, &sqs.ReceiveMessageInput{
		QueueUrl:                    url,
		MaxNumberOfMessages:         10,
		MessageAttributeNames:       []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	c.ok(err)
	return out.Messages
}

// takeOne is take where exactly one message must be there; want is its body.
func (c *goClient) takeOne(url *string, want string) types.Message {
	c.Helper()
	got := c.take(url)
	if len(got) != 1 || *got[0].Body != want {
		c.Fatalf("got %d messages %q, want %q alone", len(got), bodies(got), want)
	}
	return got[0]
}

func bodies(messages []types.Message) string {
	var all []string
	for _, m := range messages {
		all = append(all, *m.Body)
	}
	return strings.Join(all, ", ")
}

// failed is what a batch says of its only failed entry.
func (c *goClient) failed(entries []types.BatchResultErrorEntry, id, code string) {
	c.Helper()
	if len(entries) != 1 {
		c.Fatalf("%d entries failed, not 1", len(entries))
	}
	equal(c, "failed id", *entries[0].Id, id)
	equal(c, "failed code", *entries[0].Code, code)
	equal(c, "sender's fault", entries[0].SenderFault, true)
}

// code is the code of an API error.
func code(err error) string {
	if api := smithy.APIError(nil); errors.As(err, &api) {
		return api.ErrorCode()
	}
	return "no API error: " + errorText(err)
}

func errorText(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

// TestScenario: the Go client leaves no step out and has none of its own.
func TestScenario(t *testing.T) {
	t.Parallel()
	for _, name := range scenario {
		if goSteps[name] == nil {
			t.Errorf("the Go client has no step %q", name)
		}
	}
	if len(goSteps) != len(scenario) {
		t.Errorf("the Go client has %d steps, the scenario %d", len(goSteps), len(scenario))
	}
}
