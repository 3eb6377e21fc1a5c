package producer_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
)

// strict is a client that takes its time, and fails the test over a request that a
// producer must not make.
type strict struct {
	*localqueue.Server
	t    *testing.T
	most int // requests at once

	mu     sync.Mutex
	r      *rand.Rand
	busy   int
	flying map[string]int // requests of a group under way
	made   int
}

func (c *strict) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, opts ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	groups, size := map[string]bool{}, 0
	for _, e := range in.Entries {
		groups[*e.MessageGroupId] = true
		size += len(*e.MessageBody)
	}
	c.mu.Lock()
	c.made++
	c.busy++
	if n := len(in.Entries); n < 1 || n > 10 || size > 1<<20 || c.busy > c.most {
		c.t.Errorf("a request of %d messages and %d bytes, %d of %d requests at once", n, size, c.busy, c.most)
	}
	for g := range groups {
		if c.flying[g]++; c.flying[g] > 1 && *in.Entries[0].Id == "0" && in.Entries[0].MessageDeduplicationId != nil {
			c.t.Errorf("group %s is in %d requests at once", g, c.flying[g])
		}
	}
	delay := time.Duration(c.r.IntN(100)) * time.Millisecond
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.busy--
		for g := range groups {
			c.flying[g]--
		}
	}()
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return c.Server.SendMessageBatch(ctx, in, opts...)
}
