package conformance

import (
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func (q *queue) tryTag(tags map[string]string) error {
	_, err := q.c.client.TagQueue(q.c.ctx, &sqs.TagQueueInput{QueueUrl: &q.url, Tags: tags})
	return err
}

func (q *queue) tag(kv ...string) {
	q.c.Helper()
	q.c.do(q.tryTag(pairs(kv)))
}

func (q *queue) untag(keys ...string) {
	q.c.Helper()
	_, err := q.c.client.UntagQueue(q.c.ctx, &sqs.UntagQueueInput{QueueUrl: &q.url, TagKeys: keys})
	q.c.do(err)
}

func (q *queue) tags() map[string]string {
	q.c.Helper()
	out, err := q.c.client.ListQueueTags(q.c.ctx, &sqs.ListQueueTagsInput{QueueUrl: &q.url})
	return ok(q.c, out, err).Tags
}

func (q *queue) wantTags(kv ...string) {
	q.c.Helper()
	if got := q.tags(); !maps.Equal(got, pairs(kv)) {
		q.c.Errorf("%s\ntags of %s: got %v, want %v", q.c.trace.last(), q.name, got, pairs(kv))
	}
}

var tagCases = []testCase{
	{"tags/none", "1 tags", 0, func(c *checker) {
		if got := c.queue("orders").tags(); got != nil {
			c.Errorf("%s\nwant no Tags member at all", c.trace.last())
		}
	}},
	{"tags/add-overwrite-remove", "1 tags", Exact, func(c *checker) {
		q := c.queue("orders")
		q.tag("team", "red", "stage", "test")
		q.wantTags("team", "red", "stage", "test")
		q.tag("team", "blue", "cost", "")
		q.wantTags("team", "blue", "stage", "test", "cost", "")
		q.untag("stage", "cost")
		q.wantTags("team", "blue")
		q.untag("team")
		q.wantTags()
	}},
	{"tags/case-sensitive", "1 tags", Exact, func(c *checker) {
		q := c.queue("orders")
		q.tag("team", "red", "Team", "Red")
		q.untag("TEAM")
		q.wantTags("team", "red", "Team", "Red")
	}},
	{"tags/untag-absent", "1 tags", 0, func(c *checker) {
		c.queue("orders").untag("nothing")
	}},
	{"tags/on-create", "1 tags", Exact, func(c *checker) {
		name := c.name("orders")
		out, err := c.client.CreateQueue(c.ctx, &sqs.CreateQueueInput{QueueName: &name, Tags: map[string]string{"team": "red"}})
		q := &queue{c: c, name: name, url: deref(ok(c, out, err).QueueUrl)}
		q.wantTags("team", "red")
	}},
	{"tags/longest", "1 tags", Exact, func(c *checker) {
		q := c.queue("orders")
		key, value := strings.Repeat("k", 128), strings.Repeat("v", 256)
		q.tag(key, value)
		q.wantTags(key, value)
	}},
	{"tags/too-long", "1 tags", Emulated, func(c *checker) {
		q := c.queue("orders")
		c.wantError(q.tryTag(map[string]string{strings.Repeat("k", 129): "v"}), invalidParameter, "")
		c.wantError(q.tryTag(map[string]string{"k": strings.Repeat("v", 257)}), invalidParameter, "")
		c.wantError(q.tryTag(map[string]string{"": "v"}), invalidParameter, "")
	}},
	{"tags/number", "1 tags", Emulated, func(c *checker) {
		q := c.queue("orders")
		for i := range 50 {
			q.tag(fmt.Sprint("k", i), "v")
		}
		q.tag("k0", "other") // no new one
		c.wantError(q.tryTag(map[string]string{"k50": "v"}), invalidParameter, "Too many tags added for queue "+q.name+".")
		q.untag("k0")
		q.tag("k50", "v")
	}},
	{"tags/none-given", "1 tags", Emulated, func(c *checker) {
		c.wantError(c.queue("orders").tryTag(map[string]string{}), missingParameter, "The request must contain the parameter Tags.")
	}},
}
