package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/quayside-go/quayside/localqueue"
)

// The attributes that the file's queues are given in their own way.
const (
	fifoQueue     = string(types.QueueAttributeNameFifoQueue)
	redrivePolicy = string(types.QueueAttributeNameRedrivePolicy)
)

// check applies the file to a server of its own, so that a value which SQS refuses
// is found before anything is changed. Region and account are those of the server
// that it will be applied to.
func (f *queuesFile) check(ctx context.Context, region, account string) error {
	trial := localqueue.New(func(o *localqueue.Options) { o.Region, o.Account = region, account })
	defer trial.Close()
	return f.apply(ctx, trial)
}

// apply makes the server's queues what the file says: those missing are created,
// attributes and tags that differ are set. Other queues, attributes and tags stay.
// Doing it again changes nothing.
func (f *queuesFile) apply(ctx context.Context, s *localqueue.Server) error {
	for _, q := range f.queues {
		if err := q.ensure(ctx, s); err != nil {
			return f.refused(q, err)
		}
	}
	for _, q := range f.queues { // the dead-letter queues exist now
		if err := q.redrive(ctx, s); err != nil {
			return f.refused(q, err)
		}
	}
	return nil
}

// ensure makes the queue exist with its tags and attributes, all but the redrive
// policy.
func (q *queueSpec) ensure(ctx context.Context, s *localqueue.Server) error {
	want := make(map[string]string)
	if strings.HasSuffix(q.name, ".fifo") {
		want[fifoQueue] = "true"
	}
	for name, value := range q.attributes {
		if name != redrivePolicy {
			want[name] = value
		}
	}
	_, err := s.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &q.name})
	if errors.As(err, new(*types.QueueDoesNotExist)) {
		_, err = s.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &q.name, Attributes: want, Tags: q.tags})
		return err
	}
	if err != nil {
		return err
	}
	if err := q.set(ctx, s, want); err != nil {
		return err
	}
	return q.tag(ctx, s)
}

// set changes the attributes that differ.
func (q *queueSpec) set(ctx context.Context, s *localqueue.Server, want map[string]string) error {
	now, err := s.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl:       &q.name,
		AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		return err
	}
	changes := differing(want, now.Attributes)
	if len(changes) == 0 {
		return nil
	}
	_, err = s.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: &q.name, Attributes: changes})
	return err
}

// tag changes the tags that differ.
func (q *queueSpec) tag(ctx context.Context, s *localqueue.Server) error {
	now, err := s.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: &q.name})
	if err != nil {
		return err
	}
	changes := differing(q.tags, now.Tags)
	if len(changes) == 0 {
		return nil
	}
	_, err = s.TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: &q.name, Tags: changes})
	return err
}

// redrive sets the redrive policy, if the file has one for the queue.
func (q *queueSpec) redrive(ctx context.Context, s *localqueue.Server) error {
	policy, ok := q.attributes[redrivePolicy]
	if d := q.deadLetter; d != nil {
		if !d.counted {
			same, err := buries(ctx, s, q.name, d.name)
			if same || err != nil {
				return err
			}
		}
		var err error
		if policy, err = d.policy(ctx, s); err != nil {
			return err
		}
	} else if !ok {
		return nil
	}
	return q.set(ctx, s, map[string]string{redrivePolicy: policy})
}

// redriving is a RedrivePolicy.
type redriving struct {
	Target string `json:"deadLetterTargetArn"`
	Count  int    `json:"maxReceiveCount"`
}

// policy is the RedrivePolicy that makes d a dead-letter queue.
func (d *deadLetter) policy(ctx context.Context, s *localqueue.Server) (string, error) {
	arn, err := attribute(ctx, s, d.name, types.QueueAttributeNameQueueArn)
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(redriving{arn, d.maxReceives})
	return string(b), err
}

// buries reports whether dead is the dead-letter queue of name already, after
// however many receives. Both must exist.
func buries(ctx context.Context, s *localqueue.Server, name, dead string) (bool, error) {
	arn, err := attribute(ctx, s, dead, types.QueueAttributeNameQueueArn)
	if err != nil {
		return false, err
	}
	policy, err := attribute(ctx, s, name, types.QueueAttributeNameRedrivePolicy)
	if policy == "" || err != nil {
		return false, err
	}
	var now redriving
	err = json.Unmarshal([]byte(policy), &now)
	return now.Target == arn, err
}

// attribute is one attribute of a queue, "" if it has none such.
func attribute(ctx context.Context, s *localqueue.Server, queue string, name types.QueueAttributeName) (string, error) {
	out, err := s.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &queue, AttributeNames: []types.QueueAttributeName{name},
	})
	if err != nil {
		return "", err
	}
	return out.Attributes[string(name)], nil
}

// differing are the entries of want that have another value in now, or none.
func differing(want, now map[string]string) map[string]string {
	changes := make(map[string]string)
	for name, value := range want {
		if now[name] != value {
			changes[name] = value
		}
	}
	return changes
}

// refused is SQS's refusal of a queue of the file, with the line of the attribute
// that it is about, as far as its text names one.
func (f *queuesFile) refused(q *queueSpec, err error) error {
	err = refusal(err)
	text := err.Error()
	line := 0
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !isLetter(r) }) {
		if line = q.lines[word]; line == 0 && word == redrivePolicy && q.deadLetter != nil {
			line = q.deadLetter.line
		}
		if line != 0 {
			break
		}
	}
	return f.errorf(cmp.Or(line, q.line), "queue %q: %w", q.name, err)
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

// refusedError is an error of SQS's that says its own text and code, without the
// SDK's words around them.
type refusedError struct{ smithy.APIError }

func (e refusedError) Error() string { return fmt.Sprintf("%s (%s)", e.ErrorMessage(), e.ErrorCode()) }
func (e refusedError) Unwrap() error { return e.APIError }

// refusal is err as a refusedError; an error that is not SQS's stays as it is, but for a
// full disk, where the server does not go on by itself before it serves.
func refusal(err error) error {
	if errors.Is(err, localqueue.ErrFull) {
		return noRoom(err)
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return refusedError{api}
	}
	if op, ok := errors.AsType[*smithy.OperationError](err); ok {
		return op.Err
	}
	return err
}
