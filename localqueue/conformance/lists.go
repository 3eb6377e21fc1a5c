package conformance

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

const (
	badMaxResults = "Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and 1000."
	badNextToken  = "Invalid or expired next token."
)

var listCases = []testCase{
	{"list/by-name", "1 ListQueues", Exact, func(c *checker) {
		for _, n := range []string{"c", "a", "b"} {
			c.queue(n)
		}
		c.wantList(c.list(c.prefix), "a", "b", "c")
	}},
	{"list/prefix", "1 ListQueues", Exact, func(c *checker) {
		for _, n := range []string{"orders", "orders-dlq", "Orders", "other"} {
			c.queue(n)
		}
		c.wantList(c.list(c.name("ord")), "orders", "orders-dlq")
		c.wantList(c.list(c.name("orders-")), "orders-dlq")
	}},
	{"list/no-match", "1 ListQueues", 0, func(c *checker) {
		c.queue("orders")
		out, err := c.client.ListQueues(c.ctx, &sqs.ListQueuesInput{QueueNamePrefix: new(c.name("nothing"))})
		if ok(c, out, err).QueueUrls != nil || out.NextToken != nil {
			c.Errorf("%s\nwant neither QueueUrls nor NextToken", c.trace.last())
		}
	}},
	{"list/pages", "1 ListQueues", Exact, func(c *checker) {
		for i := range 7 {
			c.queue(fmt.Sprintf("q%d", i))
		}
		page := func(n int32, token *string) *sqs.ListQueuesOutput {
			out, err := c.client.ListQueues(c.ctx, &sqs.ListQueuesInput{QueueNamePrefix: new(c.name("q")), MaxResults: &n, NextToken: token})
			return ok(c, out, err)
		}
		one := page(3, nil)
		c.wantList(one.QueueUrls, "q0", "q1", "q2")
		two := page(2, one.NextToken) // the size may change from page to page
		c.wantList(two.QueueUrls, "q3", "q4")
		three := page(2, two.NextToken)
		c.wantList(three.QueueUrls, "q5", "q6")
		if three.NextToken != nil {
			c.Errorf("%s\nwant no NextToken, as nothing remains", c.trace.last())
		}
	}},
	{"list/no-token-without-max-results", "1 ListQueues", Exact | Heavy, func(c *checker) {
		for i := range 1001 {
			c.queue(fmt.Sprintf("q%04d", i))
		}
		out, err := c.client.ListQueues(c.ctx, &sqs.ListQueuesInput{QueueNamePrefix: new(c.name("q"))})
		equal(c, "number of queues listed", len(ok(c, out, err).QueueUrls), 1000)
		if out.NextToken != nil {
			c.Errorf("ListQueues without MaxResults: got NextToken %q, want none", *out.NextToken)
		}
		out, err = c.client.ListQueues(c.ctx, &sqs.ListQueuesInput{QueueNamePrefix: new(c.name("q")), MaxResults: new(int32(1000))})
		equal(c, "number of queues listed", len(ok(c, out, err).QueueUrls), 1000)
		out, err = c.client.ListQueues(c.ctx, &sqs.ListQueuesInput{QueueNamePrefix: new(c.name("q")), MaxResults: new(int32(1000)), NextToken: out.NextToken})
		c.wantList(ok(c, out, err).QueueUrls, "q1000")
	}},
	{"list/max-results-out-of-range", "1 ListQueues", Emulated, func(c *checker) {
		q := c.queue("orders")
		for _, n := range []int32{-1, 0, 1001} {
			_, err := c.client.ListQueues(c.ctx, &sqs.ListQueuesInput{MaxResults: &n})
			c.wantError(err, invalidParameter, badMaxResults)
			_, err = c.client.ListDeadLetterSourceQueues(c.ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &q.url, MaxResults: &n})
			c.wantError(err, invalidParameter, badMaxResults)
		}
	}},
	{"list/bad-token", "1 ListQueues", Emulated, func(c *checker) {
		q := c.queue("orders")
		_, err := c.client.ListQueues(c.ctx, &sqs.ListQueuesInput{MaxResults: new(int32(5)), NextToken: new("no-token")})
		c.wantError(err, invalidParameter, badNextToken)
		_, err = c.client.ListDeadLetterSourceQueues(c.ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &q.url, MaxResults: new(int32(5)), NextToken: new("no-token")})
		c.wantError(err, invalidParameter, badNextToken)
	}},
	{"list/dead-letter-sources", "1 ListQueues", Exact, func(c *checker) {
		dlq := c.queue("dlq")
		policy := redrivePolicy(dlq, 3)
		for _, n := range []string{"s4", "s0", "s3", "s1", "s2"} {
			c.queue(n, "RedrivePolicy", policy)
		}
		c.queue("unrelated")
		c.wantList(dlq.sources(), "s0", "s1", "s2", "s3", "s4")

		page := func(n int32, token *string) *sqs.ListDeadLetterSourceQueuesOutput {
			out, err := c.client.ListDeadLetterSourceQueues(c.ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &dlq.url, MaxResults: &n, NextToken: token})
			return ok(c, out, err)
		}
		one := page(2, nil)
		c.wantList(one.QueueUrls, "s0", "s1")
		two := page(3, one.NextToken)
		c.wantList(two.QueueUrls, "s2", "s3", "s4")
		if two.NextToken != nil {
			c.Errorf("%s\nwant no NextToken, as nothing remains", c.trace.last())
		}
	}},
	{"list/dead-letter-sources-none", "1 ListQueues", 0, func(c *checker) {
		q := c.queue("orders")
		out, err := c.client.ListDeadLetterSourceQueues(c.ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &q.url})
		if ok(c, out, err).QueueUrls != nil || out.NextToken != nil {
			c.Errorf("%s\nwant neither queueUrls nor NextToken", c.trace.last())
		}
	}},
	{"list/dead-letter-sources-change", "1 ListQueues", Exact, func(c *checker) {
		dlq, other := c.queue("dlq"), c.queue("other")
		a, b, d := c.queue("a"), c.queue("b"), c.queue("d")
		for _, q := range []*queue{a, b, d} {
			q.set("RedrivePolicy", redrivePolicy(dlq, 3))
		}
		c.wantList(dlq.sources(), "a", "b", "d")
		a.set("RedrivePolicy", "")
		b.set("RedrivePolicy", redrivePolicy(other, 3))
		c.wantList(dlq.sources(), "d")
		c.wantList(other.sources(), "b")
		c.do(d.tryDeleteQueue())
		c.wantList(dlq.sources())
	}},
}

func (c *checker) list(prefix string) []string {
	c.Helper()
	in := &sqs.ListQueuesInput{}
	if prefix != "" {
		in.QueueNamePrefix = &prefix
	}
	out, err := c.client.ListQueues(c.ctx, in)
	return ok(c, out, err).QueueUrls
}

func (q *queue) sources() []string {
	q.c.Helper()
	out, err := q.c.client.ListDeadLetterSourceQueues(q.c.ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &q.url})
	return ok(q.c, out, err).QueueUrls
}

// wantList compares URLs, by the last segment, with names of the case.
func (c *checker) wantList(urls []string, names ...string) {
	c.Helper()
	var got []string
	for _, u := range urls {
		got = append(got, strings.TrimPrefix(path.Base(u), c.prefix))
	}
	if !slices.Equal(got, names) {
		c.Errorf("%s\nwant %q, got %q", c.trace.last(), names, got)
	}
}
