package localqueue

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// call runs an action for a caller in this process: in the namespace that its
// options choose, and with the SDK's errors. An output beside an error is dropped.
func call[In, Out any](ctx context.Context, s *Server, action string, opts []func(*sqs.Options), in *In, f func(namespace, *In) (*Out, error)) (*Out, error) {
	ns, err := s.namespace(ctx, opts)
	if err != nil {
		return nil, toSDK(action, err)
	}
	if in == nil {
		in = new(In)
	}
	out, err := f(ns, in)
	if err != nil {
		return nil, toSDK(action, err)
	}
	return out, nil
}

// change runs f, which changes what the registry holds of a queue, under both
// locks. What that makes deliverable goes to the receivers that wait.
func (s *Server) change(ns namespace, queueURL *string, p journal.Purpose, f func(at engine.Time, q *engine.Queue) error) error {
	q, err := s.find(ns, queueURL)
	if err != nil {
		return err
	}
	room, err := s.admit(costOfControl, p)
	if err != nil {
		return err
	}
	defer room.Release()
	s.mu.Lock()
	if err := q.lock(); err != nil {
		s.mu.Unlock()
		return err
	}
	q.begin()
	err = f(s.now(), q.q)
	t := q.told(true)
	s.mu.Unlock()
	s.unlock(q)
	if err != nil {
		return err
	}
	return t.wait()
}

// CreateQueue makes a queue, or returns the URL of the one of that name if all
// attributes given have the values that it has now.
func (s *Server) CreateQueue(ctx context.Context, in *sqs.CreateQueueInput, opts ...func(*sqs.Options)) (*sqs.CreateQueueOutput, error) {
	return call(ctx, s, "CreateQueue", opts, in, s.createQueue)
}

func (s *Server) createQueue(ns namespace, in *sqs.CreateQueueInput) (*sqs.CreateQueueOutput, error) {
	if in.QueueName == nil {
		return nil, api.Missing("QueueName")
	}
	n := engine.Name{Account: ns.Account, Region: ns.Region, Queue: *in.QueueName}
	room, err := s.admit(costOfControl, journal.Urgent)
	if err != nil {
		return nil, err
	}
	defer room.Release()
	t, err := s.newly(n, in)
	if err == nil {
		err = t.wait()
	}
	if err != nil {
		return nil, err
	}
	return &sqs.CreateQueueOutput{QueueUrl: aws.String(ns.url(n))}, nil
}

// newly makes a queue, if there is none of that name.
func (s *Server) newly(n engine.Name, in *sqs.CreateQueueInput) (told, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return told{}, ErrClosed
	}
	eq, err := s.engine.Create(s.now(), n, in.Attributes, in.Tags)
	if errors.Is(err, engine.ErrRefused) {
		return told{}, s.disk.refusal(s.engine.NextNumber())
	}
	if err != nil {
		return told{}, err
	}
	q := s.queues[n]
	if q == nil {
		q = s.newQueue(eq)
		s.queues[eq.Name] = q
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.told(true), nil
}

// DeleteQueue removes a queue and its messages, whatever their state, at once.
// Receives that wait at it end with QueueDoesNotExist.
func (s *Server) DeleteQueue(ctx context.Context, in *sqs.DeleteQueueInput, opts ...func(*sqs.Options)) (*sqs.DeleteQueueOutput, error) {
	return call(ctx, s, "DeleteQueue", opts, in, s.deleteQueue)
}

func (s *Server) deleteQueue(ns namespace, in *sqs.DeleteQueueInput) (*sqs.DeleteQueueOutput, error) {
	q, err := s.find(ns, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	room, err := s.admit(costOfControl, journal.Clearing)
	if err != nil {
		return nil, err
	}
	defer room.Release()
	t, err := s.remove(q)
	if err == nil {
		err = t.wait()
	}
	if err != nil {
		return nil, err
	}
	return &sqs.DeleteQueueOutput{}, nil
}

func (s *Server) remove(q *queue) (told, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := q.lock(); err != nil {
		return told{}, err
	}
	defer q.mu.Unlock()
	q.begin()
	if s.engine.Delete(s.now(), q.q); !q.q.Deleted { // the disk refused it
		return q.told(true), nil
	}
	delete(s.queues, q.q.Name)
	q.dismiss(errNoQueue)
	q.disarm()
	if s.disk != nil {
		s.disk.forget(q.q.Number)
	}
	return q.told(true), nil
}

// GetQueueUrl returns the URL of the queue of that name.
func (s *Server) GetQueueUrl(ctx context.Context, in *sqs.GetQueueUrlInput, opts ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	return call(ctx, s, "GetQueueUrl", opts, in, s.getQueueURL)
}

func (s *Server) getQueueURL(ns namespace, in *sqs.GetQueueUrlInput) (*sqs.GetQueueUrlOutput, error) {
	n := engine.Name{Account: ns.Account, Region: ns.Region, Queue: aws.ToString(in.QueueName)}
	if n.Queue == "" {
		return nil, engine.Errorf(engine.CodeInvalidParameterValue, "Value for parameter QueueName is invalid. Reason: Must specify a queue name.")
	}
	if owner := aws.ToString(in.QueueOwnerAWSAccountId); owner != "" {
		n.Account = owner
	}
	s.mu.RLock()
	q, closed := s.queues[n], s.closed
	s.mu.RUnlock()
	switch {
	case closed:
		return nil, ErrClosed
	case q == nil:
		return nil, errNoQueue
	}
	return &sqs.GetQueueUrlOutput{QueueUrl: aws.String(ns.url(n))}, s.written(q)
}

// ListQueues returns the URLs of the queues of the call's account and region,
// by name: at most 1000 without MaxResults, and then no NextToken.
func (s *Server) ListQueues(ctx context.Context, in *sqs.ListQueuesInput, opts ...func(*sqs.Options)) (*sqs.ListQueuesOutput, error) {
	return call(ctx, s, "ListQueues", opts, in, s.listQueues)
}

func (s *Server) listQueues(ns namespace, in *sqs.ListQueuesInput) (*sqs.ListQueuesOutput, error) {
	prefix := aws.ToString(in.QueueNamePrefix)
	p := page{list: strings.Join([]string{"queues", ns.Account, ns.Region, prefix}, "/"), size: in.MaxResults, token: in.NextToken}
	urls, next, err := s.list(ns, p, func() []*engine.Queue { return s.engine.List(ns.Account, ns.Region, prefix) })
	if err != nil {
		return nil, err
	}
	return &sqs.ListQueuesOutput{QueueUrls: urls, NextToken: next}, nil
}

// ListDeadLetterSourceQueues returns the URLs of the queues whose RedrivePolicy
// names this one, by name, in pages as ListQueues does.
func (s *Server) ListDeadLetterSourceQueues(ctx context.Context, in *sqs.ListDeadLetterSourceQueuesInput, opts ...func(*sqs.Options)) (*sqs.ListDeadLetterSourceQueuesOutput, error) {
	return call(ctx, s, "ListDeadLetterSourceQueues", opts, in, s.listDeadLetterSourceQueues)
}

func (s *Server) listDeadLetterSourceQueues(ns namespace, in *sqs.ListDeadLetterSourceQueuesInput) (*sqs.ListDeadLetterSourceQueuesOutput, error) {
	q, err := s.find(ns, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	p := page{list: "sources/" + q.q.Name.ARN(), size: in.MaxResults, token: in.NextToken}
	urls, next, err := s.list(ns, p, func() []*engine.Queue { return s.engine.Sources(q.q) })
	if err != nil {
		return nil, err
	}
	return &sqs.ListDeadLetterSourceQueuesOutput{QueueUrls: urls, NextToken: next}, nil
}

// list is a page of the queues that f finds, once what tells of them is written.
func (s *Server) list(ns namespace, p page, f func() []*engine.Queue) (urls []string, next *string, err error) {
	s.mu.RLock()
	if s.closed {
		s.mu.RUnlock()
		return nil, nil, ErrClosed
	}
	found := f()
	queues := make([]*queue, len(found))
	for i, eq := range found {
		queues[i] = s.queues[eq.Name]
	}
	s.mu.RUnlock()
	if err := s.written(queues...); err != nil {
		return nil, nil, err
	}
	return ns.cut(p, found)
}

// maxPage is the most that one reply lists.
const maxPage = 1000

// page is a request for a part of a list. A token says which list it continues
// and the last name of the page before.
type page struct {
	list  string
	size  *int32
	token *string
}

// cut returns the URLs of the page and the token of the next, if there is one
// and the request had a size.
func (ns namespace) cut(p page, queues []*engine.Queue) (urls []string, next *string, err error) {
	size := maxPage
	if p.size != nil {
		size = int(*p.size)
	}
	if size < 1 || size > maxPage {
		return nil, nil, engine.Errorf(engine.CodeInvalidParameterValue, "Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and %d.", maxPage)
	}
	after, err := p.after()
	if err != nil {
		return nil, nil, err
	}
	last := ""
	for _, q := range queues {
		switch {
		case q.Name.Queue <= after:
		case len(urls) < size:
			urls, last = append(urls, ns.url(q.Name)), q.Name.Queue
		case p.size != nil:
			return urls, aws.String(base64.RawURLEncoding.EncodeToString([]byte(p.list + "\n" + last))), nil
		}
	}
	return urls, nil, nil
}

// after is the name that the page follows, "" for the first page.
func (p page) after() (string, error) {
	token := aws.ToString(p.token)
	if token == "" {
		return "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	name, ok := strings.CutPrefix(string(text), p.list+"\n")
	if err != nil || !ok || name == "" {
		return "", engine.Errorf(engine.CodeInvalidParameterValue, "Invalid or expired next token.")
	}
	return name, nil
}
