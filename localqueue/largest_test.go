package localqueue_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// TestLargestControl writes the largest record of a queue that there can be: room is
// kept for it.
func TestLargestControl(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		disk := journaltest.New()
		s, err := localqueue.OpenOn(disk, func(o *localqueue.Options) { o.SegmentSize = 2 << 20 })
		if err != nil {
			t.Fatal(err)
		}
		name := func(c string) string { return strings.Repeat(c, 75) + ".fifo" }
		s.MustCreate(name("a")+" -> "+name("b"), name("c"))
		pad := func(n int, text string) string { return strings.Repeat("\n", n-len(text)) + text }
		arn := "arn:aws:sqs:us-east-1:000000000000:"
		set := func(queue string, attributes map[string]string) error {
			_, err := s.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: &queue, Attributes: attributes})
			return err
		}
		largest := map[string]string{
			"KmsMasterKeyId": strings.Repeat("\x01", 2048), "SqsManagedSseEnabled": "false",
			"Policy":             pad(8192, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}]}`),
			"RedriveAllowPolicy": pad(8192, `{"redrivePermission":"allowAll"}`),
			"RedrivePolicy":      `{"deadLetterTargetArn":"` + arn + name("c") + `","maxReceiveCount":1000}`,
		}
		for range engine.KeptTasks {
			if _, err := s.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{
				SourceArn: aws.String(arn + name("b")), DestinationArn: aws.String(arn + name("c")), MaxNumberOfMessagesPerSecond: aws.Int32(500),
			}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if err := set(name("b"), largest); err != nil {
			t.Fatal(err)
		}
		for _, c := range []string{"\x01", "<", "\"", "\u2028", "\U0001f6a2"} {
			tags := map[string]string{}
			for i := range 50 {
				key := fmt.Sprint(i)
				tags[strings.Repeat(c, 128-len(key))+key] = strings.Repeat(c, 256)
			}
			if _, err := s.UntagQueue(ctx, &sqs.UntagQueueInput{QueueUrl: aws.String(name("b")), TagKeys: slices.Collect(maps.Keys(tagsOf(t, s, name("b"))))}); err != nil && tagsOf(t, s, name("b")) != nil {
				t.Fatal(err)
			}
			if _, err := s.TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: aws.String(name("b")), Tags: tags}); err != nil {
				t.Fatal(err)
			}
			if got := tagsOf(t, s, name("b")); !maps.Equal(got, tags) {
				t.Errorf("tags of %q came back as others", c)
			}
		}
		for attribute, most := range map[string]int{"KmsMasterKeyId": 2048, "RedriveAllowPolicy": 8192, "Policy": 8192} {
			if err := set(name("b"), map[string]string{attribute: largest[attribute] + strings.Repeat("\n", 1+most-len(largest[attribute]))}); err == nil {
				t.Errorf("a longer %s is taken", attribute)
			}
		}
		if _, err := s.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("new"), Attributes: map[string]string{"KmsMasterKeyId": strings.Repeat("x", 2049)}}); code(err) != "InvalidAttributeValue" {
			t.Errorf("a new queue with a longer one: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		longest := longestRecord(t, disk)
		t.Logf("the longest record has %d bytes", longest)
		if longest > localqueue.CostOfControl || longest < localqueue.CostOfControl*3/4 {
			t.Errorf("the longest record has %d bytes, room is kept for %d", longest, localqueue.CostOfControl)
		}
	})
}

// TestPlainControl: tags stand in the log as they are, not as a web page would need them.
func TestPlainControl(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		disk := journaltest.New()
		s, err := localqueue.OpenOn(disk, func(o *localqueue.Options) { o.SegmentSize = 2 << 20 })
		if err != nil {
			t.Fatal(err)
		}
		tags := map[string]string{"k": strings.Repeat("<>&", 85)}
		if _, err := s.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("q"), Tags: tags}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if n := longestRecord(t, disk); n > 1000 {
			t.Errorf("a record of %d bytes for %d of tags", n, len(tags["k"]))
		}
	})
}

func tagsOf(t *testing.T, s *localqueue.Server, queue string) map[string]string {
	t.Helper()
	out, err := s.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: &queue})
	if err != nil {
		t.Fatal(err)
	}
	return out.Tags
}

func longestRecord(t *testing.T, disk journal.Dir) (longest int) {
	t.Helper()
	log, _, err := journal.Open(disk, journal.Options{SegmentSize: 2 << 20}, func(e journal.Entry) error {
		longest = max(longest, int(e.Length))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	return longest
}
