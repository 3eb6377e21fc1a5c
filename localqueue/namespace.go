package localqueue

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// namespace is where the names of a call are looked up, and what QueueUrls begin
// with as the caller sees them; "" in process. It goes with the call, and so do the
// faults that it meets.
type namespace struct {
	Account, Region, base string
	fate                  *fate // nil: none
}

func (s *Server) namespace(ctx context.Context, opts []func(*sqs.Options)) (namespace, error) {
	ns := namespace{Account: s.opts.Account, Region: s.opts.Region}
	if err := ctx.Err(); err != nil {
		return ns, err
	}
	if len(opts) == 0 {
		return ns, ns.check()
	}
	var o sqs.Options
	for _, f := range opts {
		f(&o)
	}
	if o.Region != "" {
		ns.Region = o.Region
	}
	if o.Credentials != nil {
		c, err := o.Credentials.Retrieve(ctx)
		if err != nil {
			return ns, err
		}
		if isAccount(c.AccessKeyID) {
			ns.Account = c.AccessKeyID
		}
	}
	return ns, ns.check()
}

func (ns namespace) check() error {
	if isRegion(ns.Region) && isAccount(ns.Account) {
		return nil
	}
	return fmt.Errorf("no queues can be in region %q of account %q: a region is lower-case letters, digits and hyphens, an account is twelve digits", ns.Region, ns.Account)
}

func isAccount(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == 12
}

// url is the QueueUrl of a queue. The host of one in process never resolves to
// another machine.
func (ns namespace) url(n engine.Name) string {
	if ns.base != "" {
		return ns.base + "/" + n.Account + "/" + n.Queue
	}
	return "http://sqs." + n.Region + ".localhost/" + n.Account + "/" + n.Queue
}

// name reads a QueueUrl: the last two segments of its path are account and
// queue, its host may name the region. A bare queue name will do.
func (ns namespace) name(queueURL string) engine.Name {
	n := engine.Name{Account: ns.Account, Region: ns.Region, Queue: queueName(queueURL)}
	if len(n.Queue) == len(queueURL) {
		return n
	}
	rest := queueURL[:len(queueURL)-len(n.Queue)-1]
	if k := strings.LastIndexByte(rest, '/'); k >= 0 {
		n.Account = rest[k+1:]
		rest = rest[:k]
	} else if isAccount(rest) {
		n.Account = rest
	}
	if _, host, ok := strings.Cut(rest, "://"); ok {
		n.Region = regionOf(host, n.Region)
	}
	return n
}

// queueName is the last segment of a QueueUrl.
func queueName(queueURL string) string {
	return queueURL[strings.LastIndexByte(queueURL, '/')+1:]
}

// regionOf is the region that a host of one of SQS's own forms, or of ours, names.
func regionOf(host, otherwise string) string {
	host, _, _ = strings.Cut(host, ":")
	if host == "" || host[len(host)-1] <= '9' { // an address
		return otherwise
	}
	if host == "queue.amazonaws.com" {
		return "us-east-1"
	}
	for _, form := range hostForms {
		region, ok := strings.CutPrefix(host, form.before)
		if region, found := strings.CutSuffix(region, form.after); ok && found && isRegion(region) {
			return region
		}
	}
	return otherwise
}

// hostForms are what stands before and after the region in a host.
var hostForms = []struct{ before, after string }{
	{"sqs.", ".localhost"}, {"sqs.", ".amazonaws.com"}, {"sqs.", ".amazonaws.com.cn"},
	{"sqs.", ".api.aws"}, {"", ".queue.amazonaws.com"},
}

func isRegion(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return s != ""
}

var errNoQueue = &engine.Error{Code: engine.CodeQueueDoesNotExist, Message: "The specified queue does not exist."}

// find is the queue that a QueueUrl names.
func (s *Server) find(ns namespace, queueURL *string) (*queue, error) {
	if queueURL == nil {
		return nil, errNoQueue
	}
	n := ns.name(*queueURL)
	s.mu.RLock()
	q, closed := s.queues[n], s.closed
	s.mu.RUnlock()
	if closed {
		return nil, ErrClosed
	}
	if q == nil {
		return nil, errNoQueue
	}
	return q, nil
}
