package localqueue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/localqueue"
)

// create makes a queue of attributes in pairs and returns its URL.
func create(t *testing.T, s *localqueue.Server, name string, pairs ...string) *string {
	t.Helper()
	attributes := make(map[string]string)
	for i := 0; i < len(pairs); i += 2 {
		attributes[pairs[i]] = pairs[i+1]
	}
	out, err := s.CreateQueue(context.Background(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		t.Fatalf("CreateQueue %s: %v", name, err)
	}
	return out.QueueUrl
}

// refused checks the code and the text of an SDK error.
func refused(t *testing.T, what string, err error, code, text string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) {
		t.Errorf("%s: %v, want %s: %s", what, err, code, text)
	} else if e.ErrorCode() != code || e.ErrorMessage() != text {
		t.Errorf("%s:\n got %s: %s\nwant %s: %s", what, e.ErrorCode(), e.ErrorMessage(), code, text)
	}
}

const (
	noQueueCode = "AWS.SimpleQueueService.NonExistentQueue"
	noQueueText = "The specified queue does not exist."
)

func TestQueueLife(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		s := localqueue.New()
		defer s.Close()
		url := create(t, s, "jobs", "DelaySeconds", "3")
		if again := create(t, s, "jobs"); *again != *url {
			t.Errorf("CreateQueue again gave %s, want %s", *again, *url)
		}
		_, err := s.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("jobs"), Attributes: map[string]string{"DelaySeconds": "4"}})
		refused(t, "another delay", err, "QueueAlreadyExists", "A queue already exists with the same name and a different value for attribute DelaySeconds")
		if e := new(types.QueueNameExists); !errors.As(err, &e) {
			t.Errorf("another delay: %T, want *types.QueueNameExists", err)
		}
		got, err := s.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String("jobs")})
		if err != nil || *got.QueueUrl != *url {
			t.Errorf("GetQueueUrl = %v, %v; want %s", got, err, *url)
		}
		if _, err := s.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: url}); err != nil {
			t.Fatal(err)
		}
		_, err = s.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: url})
		refused(t, "DeleteQueue again", err, noQueueCode, noQueueText)
		_, err = s.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String("jobs")})
		refused(t, "GetQueueUrl", err, noQueueCode, noQueueText)
		_, err = s.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("jobs")})
		refused(t, "CreateQueue", err, "AWS.SimpleQueueService.QueueDeletedRecently", "You must wait 60 seconds after deleting a queue before you can create another with the same name.")
		time.Sleep(time.Minute)
		create(t, s, "jobs")
	})
}

func TestMissingParameters(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := localqueue.New()
	defer s.Close()
	url := create(t, s, "jobs")
	const missing = "MissingParameter"
	for _, c := range []struct {
		what       string
		call       func() error
		code, text string
	}{
		{"CreateQueue", func() error { _, err := s.CreateQueue(ctx, nil); return err }, missing, "The request must contain the parameter QueueName."},
		{"GetQueueUrl", func() error { _, err := s.GetQueueUrl(ctx, nil); return err }, "InvalidParameterValue", "Value for parameter QueueName is invalid. Reason: Must specify a queue name."},
		{"GetQueueAttributes", func() error { _, err := s.GetQueueAttributes(ctx, nil); return err }, noQueueCode, noQueueText},
		{"SetQueueAttributes", func() error {
			_, err := s.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: url})
			return err
		}, missing, "The request must contain the parameter Attribute.Name."},
		{"TagQueue", func() error { _, err := s.TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: url}); return err }, missing, "The request must contain the parameter Tags."},
		{"UntagQueue", func() error { _, err := s.UntagQueue(ctx, &sqs.UntagQueueInput{QueueUrl: url}); return err }, missing, "The request must contain the parameter TagKeys."},
		{"AddPermission", func() error { _, err := s.AddPermission(ctx, &sqs.AddPermissionInput{QueueUrl: url}); return err }, missing, "The request must contain the parameter Label."},
		{"RemovePermission", func() error {
			_, err := s.RemovePermission(ctx, &sqs.RemovePermissionInput{QueueUrl: url})
			return err
		}, missing, "The request must contain the parameter Label."},
	} {
		refused(t, c.what, c.call(), c.code, c.text)
	}
}

func TestQueueOwner(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := localqueue.New()
	defer s.Close()
	create(t, s, "jobs")
	in := &sqs.GetQueueUrlInput{QueueName: aws.String("jobs"), QueueOwnerAWSAccountId: aws.String("111122223333")}
	_, err := s.GetQueueUrl(ctx, in)
	refused(t, "another account", err, noQueueCode, noQueueText)
	in.QueueOwnerAWSAccountId = aws.String(localqueue.DefaultAccount)
	if _, err := s.GetQueueUrl(ctx, in); err != nil {
		t.Errorf("our account: %v", err)
	}
	_, err = s.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String("jobs")}, func(o *sqs.Options) { o.Region = "eu-west-1" })
	refused(t, "another region", err, noQueueCode, noQueueText)
}

// lastSegments shortens URLs to the names of the queues.
func lastSegments(urls []string) string {
	names := make([]string, len(urls))
	for i, url := range urls {
		names[i] = url[strings.LastIndexByte(url, '/')+1:]
	}
	return strings.Join(names, " ")
}

func TestListQueues(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := localqueue.New()
	defer s.Close()
	out, err := s.ListQueues(ctx, nil)
	if err != nil || out.QueueUrls != nil || out.NextToken != nil {
		t.Fatalf("ListQueues of none = %+v, %v", out, err)
	}
	for _, name := range []string{"e", "c", "a", "d", "b", "other"} {
		create(t, s, name)
	}
	out, err = s.ListQueues(ctx, nil)
	if err != nil || lastSegments(out.QueueUrls) != "a b c d e other" || out.NextToken != nil {
		t.Errorf("ListQueues = %+v, %v", out, err)
	}
	if out, err = s.ListQueues(ctx, &sqs.ListQueuesInput{QueueNamePrefix: aws.String("o"), MaxResults: aws.Int32(1)}); err != nil || lastSegments(out.QueueUrls) != "other" || out.NextToken != nil {
		t.Errorf("ListQueues of one = %+v, %v", out, err)
	}
	in := &sqs.ListQueuesInput{}
	for i, want := range []string{"a b", "c d e", "other"} {
		in.MaxResults = aws.Int32(int32(2 + i))
		out, err := s.ListQueues(ctx, in)
		if err != nil || lastSegments(out.QueueUrls)+fmt.Sprint(" ", out.NextToken != nil) != fmt.Sprint(want, " ", i < 2) {
			t.Fatalf("page %d = %+v, %v; want %s", i, out, err, want)
		}
		in.NextToken = out.NextToken
		if i == 0 { // a page does not miss what follows a queue that is gone
			if _, err := s.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: aws.String("b")}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestListQueuesRefused(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := localqueue.New()
	defer s.Close()
	create(t, s, "a")
	create(t, s, "b")
	first, err := s.ListQueues(ctx, &sqs.ListQueuesInput{MaxResults: aws.Int32(1)})
	if err != nil || first.NextToken == nil {
		t.Fatalf("ListQueues = %+v, %v; want a token", first, err)
	}
	const (
		size  = "Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and 1000."
		token = "Invalid or expired next token."
	)
	for _, c := range []struct {
		in   sqs.ListQueuesInput
		text string
	}{
		{sqs.ListQueuesInput{MaxResults: aws.Int32(0)}, size},
		{sqs.ListQueuesInput{MaxResults: aws.Int32(1001)}, size},
		{sqs.ListQueuesInput{MaxResults: aws.Int32(-1)}, size},
		{sqs.ListQueuesInput{NextToken: aws.String("nonsense")}, token},
		{sqs.ListQueuesInput{NextToken: aws.String("%")}, token},
		{sqs.ListQueuesInput{NextToken: first.NextToken, QueueNamePrefix: aws.String("b")}, token}, // of another list
	} {
		_, err := s.ListQueues(ctx, &c.in)
		refused(t, fmt.Sprintf("ListQueues %+v", c.in), err, "InvalidParameterValue", c.text)
	}
}

func TestListDeadLetterSourceQueues(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := localqueue.New()
	defer s.Close()
	dead := create(t, s, "dead")
	out, err := s.ListDeadLetterSourceQueues(ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: dead})
	if err != nil || out.QueueUrls != nil || out.NextToken != nil {
		t.Errorf("of none = %+v, %v", out, err)
	}
	policy := `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":3}`
	for _, name := range []string{"b", "a", "c"} {
		create(t, s, name, "RedrivePolicy", policy)
	}
	in := &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: dead, MaxResults: aws.Int32(2)}
	for i, want := range []string{"a b", "c"} {
		out, err := s.ListDeadLetterSourceQueues(ctx, in)
		if err != nil || lastSegments(out.QueueUrls) != want || (out.NextToken != nil) != (i == 0) {
			t.Fatalf("page %d = %+v, %v; want %s", i, out, err, want)
		}
		in.NextToken = out.NextToken
	}
	_, err = s.ListDeadLetterSourceQueues(ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: dead, MaxResults: aws.Int32(1001)})
	refused(t, "1001", err, "InvalidParameterValue", "Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and 1000.")
}

func TestQueueAttributes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := localqueue.New()
	defer s.Close()
	url := create(t, s, "jobs")
	get := func(names ...types.QueueAttributeName) map[string]string {
		t.Helper()
		out, err := s.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: names})
		if err != nil {
			t.Errorf("GetQueueAttributes %v: %v", names, err)
			return nil
		}
		return out.Attributes
	}
	if got := get(); got != nil {
		t.Errorf("no names: %v, want nil", got)
	}
	if got := get(types.QueueAttributeNamePolicy); got != nil {
		t.Errorf("an unset one: %v, want nil", got)
	}
	if got := get(types.QueueAttributeNameAll); len(got) != 12 {
		t.Errorf("All: %d attributes, want 12: %v", len(got), got)
	}
	_, err := s.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"VisibilityTimeout": "7"}})
	if got := get("VisibilityTimeout"); err != nil || got["VisibilityTimeout"] != "7" {
		t.Errorf("SetQueueAttributes: %v; then %v", err, got)
	}
	_, err = s.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"VisibilityTimeout": "x"}})
	if e := new(types.InvalidAttributeValue); !errors.As(err, &e) {
		t.Errorf("a bad value: %v, want *types.InvalidAttributeValue", err)
	}
	_, err = s.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{"Nonsense"}})
	refused(t, "an unknown name", err, "InvalidAttributeName", "Unknown Attribute Nonsense.")
}

func TestQueueTagsAndPermissions(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := localqueue.New()
	defer s.Close()
	url := create(t, s, "jobs")
	tags := func(want ...string) {
		t.Helper()
		out, err := s.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: url})
		if err != nil || (out.Tags == nil) != (len(want) == 0) {
			t.Errorf("ListQueueTags = %+v, %v; want %v", out, err, want)
			return
		}
		var got []string
		for key, value := range out.Tags {
			got = append(got, key+"="+value)
			out.Tags[key] = "changed by the caller"
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("tags %v, want %v", got, want)
		}
	}
	tags()
	for _, step := range []func() error{
		func() error {
			_, err := s.TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: url, Tags: map[string]string{"a": "1", "b": "2"}})
			tags("a=1", "b=2")
			return err
		},
		func() error {
			tags("a=1", "b=2")
			_, err := s.UntagQueue(ctx, &sqs.UntagQueueInput{QueueUrl: url, TagKeys: []string{"b", "c"}})
			tags("a=1")
			return err
		},
		func() error {
			_, err := s.AddPermission(ctx, &sqs.AddPermissionInput{QueueUrl: url, Label: aws.String("l"), AWSAccountIds: []string{"111122223333"}, Actions: []string{"*"}})
			return err
		},
		func() error {
			_, err := s.RemovePermission(ctx, &sqs.RemovePermissionInput{QueueUrl: url, Label: aws.String("l")})
			return err
		},
	} {
		if err := step(); err != nil {
			t.Error(err)
		}
	}
	_, err := s.RemovePermission(ctx, &sqs.RemovePermissionInput{QueueUrl: url, Label: aws.String("l")})
	refused(t, "RemovePermission again", err, "InvalidParameterValue", "Value l for parameter Label is invalid. Reason: can't find label.")
}

// A receive that waits ends when its queue is deleted, and is served when a
// change of attributes makes a message available.
func TestChangesWakeReceivers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		s := localqueue.New()
		defer s.Close()
		url := create(t, s, "jobs.fifo", "FifoQueue", "true", "DelaySeconds", "900")
		if _, err := s.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x"), MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("d")}); err != nil {
			t.Fatal(err)
		}
		receive := func() chan string {
			got := make(chan string, 1)
			go func() {
				out, err := s.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: 20})
				if e := new(types.QueueDoesNotExist); errors.As(err, &e) {
					got <- "no queue"
				} else if err != nil {
					got <- err.Error()
				} else {
					got <- fmt.Sprint(len(out.Messages), " messages")
				}
			}()
			synctest.Wait()
			return got
		}
		expect := func(got chan string, want string) {
			t.Helper()
			synctest.Wait()
			select {
			case answer := <-got:
				if answer != want {
					t.Errorf("the receive got %s, want %s", answer, want)
				}
			default:
				t.Errorf("the receive still waits, want %s", want)
			}
		}
		got := receive()
		if _, err := s.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"DelaySeconds": "0"}}); err != nil {
			t.Fatal(err)
		}
		expect(got, "1 messages")
		got = receive()
		if _, err := s.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: url}); err != nil {
			t.Fatal(err)
		}
		expect(got, "no queue")
	})
}

func TestQueuesAfterClose(t *testing.T) {
	t.Parallel()
	s := localqueue.New()
	url := create(t, s, "jobs")
	s.Close()
	for name, err := range map[string]error{
		"CreateQueue": func() error {
			_, err := s.CreateQueue(context.Background(), &sqs.CreateQueueInput{QueueName: url})
			return err
		}(),
		"ListQueues": func() error { _, err := s.ListQueues(context.Background(), nil); return err }(),
		"ListQueueTags": func() error {
			_, err := s.ListQueueTags(context.Background(), &sqs.ListQueueTagsInput{QueueUrl: url})
			return err
		}(),
		"TagQueue": func() error {
			_, err := s.TagQueue(context.Background(), &sqs.TagQueueInput{QueueUrl: url})
			return err
		}(),
	} {
		if !errors.Is(err, localqueue.ErrClosed) {
			t.Errorf("%s after Close: %v, want ErrClosed", name, err)
		}
	}
}
