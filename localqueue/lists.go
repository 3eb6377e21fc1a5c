package localqueue

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

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
