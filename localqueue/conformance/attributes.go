package conformance

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

const (
	oneEncryption = "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE."
	needsScope    = "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup"
	fixedType     = "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."
)

// standardDefaults are the attributes of a fresh standard queue that do not depend on time or place.
var standardDefaults = map[string]string{
	"ApproximateNumberOfMessages":           "0",
	"ApproximateNumberOfMessagesNotVisible": "0",
	"ApproximateNumberOfMessagesDelayed":    "0",
	"DelaySeconds":                          "0",
	"MaximumMessageSize":                    "1048576",
	"MessageRetentionPeriod":                "345600",
	"ReceiveMessageWaitTimeSeconds":         "0",
	"SqsManagedSseEnabled":                  "true",
	"VisibilityTimeout":                     "30",
}

var fifoDefaults = map[string]string{
	"ContentBasedDeduplication": "false",
	"DeduplicationScope":        "queue",
	"FifoQueue":                 "true",
	"FifoThroughputLimit":       "perQueue",
}

var attributeCases = []testCase{
	{"attributes/fresh-standard", "1 attributes", 0, func(c *checker) {
		c.queue("orders").wantAll(standardDefaults)
	}},
	{"attributes/fresh-fifo", "1 attributes", 0, func(c *checker) {
		want := maps.Clone(standardDefaults)
		maps.Copy(want, fifoDefaults)
		c.queue("orders.fifo").wantAll(want)
	}},
	{"attributes/created-as-given", "1 attributes", 0, func(c *checker) {
		given := []string{
			"DelaySeconds", "1", "MaximumMessageSize", "2048", "MessageRetentionPeriod", "120",
			"ReceiveMessageWaitTimeSeconds", "3", "VisibilityTimeout", "40", "SqsManagedSseEnabled", "false",
		}
		want := maps.Clone(standardDefaults)
		maps.Copy(want, pairs(given))
		c.queue("orders", given...).wantAll(want)
	}},
	{"attributes/named-only", "1 attributes", 0, func(c *checker) {
		got := c.queue("orders").attributes("DelaySeconds", "VisibilityTimeout")
		if !maps.Equal(got, pairs([]string{"DelaySeconds", "0", "VisibilityTimeout", "30"})) {
			c.Errorf("%s\nwant just DelaySeconds 0 and VisibilityTimeout 30", c.trace.last())
		}
	}},
	{"attributes/none-asked", "1 attributes", 0, func(c *checker) {
		if got := c.queue("orders").attributes(); got != nil {
			c.Errorf("%s\nwant no Attributes member at all", c.trace.last())
		}
	}},
	{"attributes/unset-are-absent", "1 attributes", 0, func(c *checker) {
		got := c.queue("orders").attributes("Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds")
		if got != nil {
			c.Errorf("%s\nwant no Attributes member at all", c.trace.last())
		}
	}},
	{"attributes/unknown-name", "1 attributes", 0, func(c *checker) {
		q := c.queue("orders")
		for _, name := range []string{"Colour", "visibilityTimeout"} {
			_, err := q.tryAttributes(name)
			c.wantError(err, invalidAttributeName, "Unknown Attribute "+name+".")
			c.wantError(q.trySet(name, "1"), invalidAttributeName, "Unknown Attribute "+name+".")
			_, err = c.tryQueue("other", name, "1")
			c.wantError(err, invalidAttributeName, "Unknown Attribute "+name+".")
		}
	}},
	{"attributes/read-only", "1 attributes", Emulated, func(c *checker) {
		q := c.queue("orders")
		for _, name := range []string{"QueueArn", "CreatedTimestamp", "LastModifiedTimestamp", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"} {
			c.wantError(q.trySet(name, "1"), invalidAttributeName, "Unknown Attribute "+name+".")
			_, err := c.tryQueue("other", name, "1")
			c.wantError(err, invalidAttributeName, "Unknown Attribute "+name+".")
		}
	}},
	{"attributes/fifo-on-standard", "1 attributes", 0, func(c *checker) {
		q := c.queue("orders")
		for _, kv := range [][]string{{"FifoQueue", "false"}, {"FifoQueue", "true"}, {"ContentBasedDeduplication", "true"}, {"ContentBasedDeduplication", "false"}} {
			c.wantError(q.trySet(kv...), invalidAttributeName, "Unknown Attribute "+kv[0]+".")
		}
		_, err := c.tryQueue("other", "FifoQueue", "false")
		c.wantError(err, invalidAttributeName, "Unknown Attribute FifoQueue.")
		_, err = c.tryQueue("other", "ContentBasedDeduplication", "true")
		c.wantError(err, invalidAttributeName, "Unknown Attribute ContentBasedDeduplication.")
	}},
	{"attributes/throughput-on-standard", "1 attributes", 0, func(c *checker) {
		q := c.queue("orders")
		for _, kv := range [][]string{{"DeduplicationScope", "queue"}, {"FifoThroughputLimit", "perQueue"}} {
			want := "You can specify the " + kv[0] + " only when FifoQueue is set to true."
			c.wantError(q.trySet(kv...), invalidAttributeName, want)
			_, err := c.tryQueue("other", kv...)
			c.wantError(err, invalidAttributeName, want)
		}
	}},
	{"attributes/fifo-type-is-fixed", "1 attributes", 0, func(c *checker) {
		q := c.queue("orders.fifo")
		q.set("FifoQueue", "true")
		c.wantError(q.trySet("FifoQueue", "false"), invalidAttribute, fixedType)
		q.wantAttribute("FifoQueue", "true")
	}},
	{"attributes/booleans", "1 attributes", 0, func(c *checker) {
		q := c.queue("orders.fifo", "FifoQueue", "True", "ContentBasedDeduplication", "TRUE", "SqsManagedSseEnabled", "False")
		q.wantAttribute("FifoQueue", "true")
		q.wantAttribute("ContentBasedDeduplication", "true")
		q.wantAttribute("SqsManagedSseEnabled", "false")
		q.set("ContentBasedDeduplication", "fALSE")
		q.wantAttribute("ContentBasedDeduplication", "false")
	}},
	{"attributes/bad-words", "1 attributes", Emulated, func(c *checker) {
		q := c.queue("orders.fifo")
		for _, kv := range [][]string{
			{"ContentBasedDeduplication", "maybe"}, {"ContentBasedDeduplication", ""}, {"SqsManagedSseEnabled", "1"},
			{"DeduplicationScope", "group"}, {"FifoThroughputLimit", "unlimited"},
		} {
			c.wantError(q.trySet(kv...), invalidAttribute, "Invalid value for the parameter "+kv[0]+".")
		}
	}},
	{"attributes/scope-and-throughput", "1 attributes", 0, func(c *checker) {
		q := c.queue("orders.fifo", "DeduplicationScope", "messageGroup") // legal alone
		q.wantAttribute("FifoThroughputLimit", "perQueue")
		q.set("FifoThroughputLimit", "perMessageGroupId")
		q.wantAttribute("FifoThroughputLimit", "perMessageGroupId")
		both := c.queue("both.fifo", "DeduplicationScope", "messageGroup", "FifoThroughputLimit", "perMessageGroupId")
		both.wantAttribute("DeduplicationScope", "messageGroup")
		both.set("DeduplicationScope", "queue", "FifoThroughputLimit", "perQueue")
		both.wantAttribute("DeduplicationScope", "queue")
	}},
	{"attributes/throughput-needs-scope", "1 attributes", Emulated, func(c *checker) {
		_, err := c.tryQueue("orders.fifo", "FifoThroughputLimit", "perMessageGroupId")
		c.wantError(err, invalidAttribute, needsScope)
		q := c.queue("other.fifo")
		c.wantError(q.trySet("FifoThroughputLimit", "perMessageGroupId"), invalidAttribute, needsScope)
		c.wantError(q.trySet("FifoThroughputLimit", "perMessageGroupId", "DeduplicationScope", "queue"), invalidAttribute, needsScope)
		high := c.queue("high.fifo", "DeduplicationScope", "messageGroup", "FifoThroughputLimit", "perMessageGroupId")
		c.wantError(high.trySet("DeduplicationScope", "queue"), invalidAttribute, needsScope)
	}},
	{"attributes/one-kind-of-encryption", "1 attributes", 0, func(c *checker) {
		_, err := c.tryQueue("orders", "KmsMasterKeyId", "alias/aws/sqs", "SqsManagedSseEnabled", "true")
		c.wantError(err, invalidAttributeName, oneEncryption)
		q := c.queue("other")
		c.wantError(q.trySet("KmsMasterKeyId", "alias/aws/sqs", "SqsManagedSseEnabled", "true"), invalidAttributeName, oneEncryption)
		q.wantAttribute("SqsManagedSseEnabled", "true")
	}},
	{"attributes/kms", "1 attributes", Exact, func(c *checker) {
		q := c.queue("orders")
		q.set("KmsMasterKeyId", "alias/no-such-key") // not looked up
		q.wantAttribute("KmsMasterKeyId", "alias/no-such-key")
		q.wantAttribute("SqsManagedSseEnabled", "false")
		q.set("KmsDataKeyReusePeriodSeconds", "60")
		q.wantAttribute("KmsDataKeyReusePeriodSeconds", "60")

		q.set("KmsMasterKeyId", "", "KmsDataKeyReusePeriodSeconds", "300")
		want := maps.Clone(standardDefaults)
		want["SqsManagedSseEnabled"] = "false"
		q.wantAll(want)
	}},
	{"attributes/kms-on-create", "1 attributes", 0, func(c *checker) {
		q := c.queue("orders", "KmsMasterKeyId", "alias/no-such-key", "KmsDataKeyReusePeriodSeconds", "86400")
		q.wantAttribute("KmsMasterKeyId", "alias/no-such-key")
		q.wantAttribute("KmsDataKeyReusePeriodSeconds", "86400")
		q.wantAttribute("SqsManagedSseEnabled", "false")
	}},
	{"attributes/set-nothing", "1 attributes", 0, func(c *checker) {
		c.wantError(c.queue("orders").trySet(), missingParameter, c.emulated("The request must contain the parameter Attribute.Name."))
	}},
	{"attributes/set-without-attributes", "1 attributes", Lax, func(c *checker) {
		q := c.queue("orders")
		_, err := c.client.SetQueueAttributes(c.ctx, &sqs.SetQueueAttributesInput{QueueUrl: &q.url})
		c.wantError(err, missingParameter, c.emulated("The request must contain the parameter Attribute.Name."))
	}},
	{"attributes/set-is-all-or-nothing", "1 attributes", 0, func(c *checker) {
		q := c.queue("orders")
		c.wantError(q.trySet("DelaySeconds", "5", "VisibilityTimeout", "43201"), invalidAttribute, "Invalid value for the parameter VisibilityTimeout.")
		q.wantAttribute("DelaySeconds", "0")
	}},
	{"attributes/policy", "1 attributes", Exact, func(c *checker) {
		q := c.queue("orders")
		policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"SQS:*","Resource":"` + q.arn() + `"}]}`
		q.set("Policy", policy)
		equalJSON(c, "Policy", q.attribute("Policy"), policy)
		q.set("Policy", "")
		q.wantAttribute("Policy", "")
		if got := q.attributes("Policy"); got != nil {
			c.Errorf("%s\nwant the empty string to unset the Policy", c.trace.last())
		}
	}},
	{"attributes/policy-faults", "1 attributes", Emulated, func(c *checker) {
		q := c.queue("orders")
		c.wantError(q.trySet("Policy", "no policy"), invalidAttribute, "Invalid value for the parameter Policy.")
		long := `{"Version":"2012-10-17","Id":"` + strings.Repeat("x", 8192) + `","Statement":[{"Effect":"Allow","Principal":"*","Action":"SQS:*","Resource":"` + q.arn() + `"}]}`
		c.wantRefused(q.trySet("Policy", long))
	}},
	{"attributes/in-force-at-once", "1 attributes", Exact, func(c *checker) {
		q := c.queue("orders")
		q.set("VisibilityTimeout", "0")
		q.send("hello")
		q.one("hello")
		q.one("hello")
		q.set("VisibilityTimeout", "30")
		q.one("hello")
		q.none()
	}},

	{"counts/standard", "1 counts", Exact, func(c *checker) {
		q := c.queue("orders")
		q.wantCounts(0, 0, 0)
		q.fill(5, "m")
		q.send("later", delay(10))
		q.wantCounts(5, 0, 1)
		msgs := q.receive(3)
		q.wantCounts(2, 3, 1)
		q.delete(msgs[0])
		q.change(msgs[1], 0)
		q.wantCounts(3, 1, 1)
	}},
	{"counts/by-time", "1 counts", Exact | Virtual, func(c *checker) {
		q := c.queue("orders", "VisibilityTimeout", "20")
		q.send("a")
		q.send("b", delay(10))
		q.receive(1)
		q.wantCounts(0, 1, 1)
		c.sleep(10*time.Second - 1)
		q.wantCounts(0, 1, 1)
		c.sleep(1)
		q.wantCounts(1, 1, 0)
		c.sleep(10*time.Second - 1)
		q.wantCounts(1, 1, 0)
		c.sleep(1)
		q.wantCounts(2, 0, 0)
	}},
	{"counts/fifo-blocked-are-visible", "1 counts", Exact, func(c *checker) {
		q := c.fifo("orders")
		q.sendTo("A", "a1", "a2", "a3")
		q.one("a1")
		q.none() // a2 and a3 are blocked
		q.wantCounts(2, 1, 0)
	}},
}

// wantAll checks that All gives these attributes, the timestamps and the ARN, and nothing else.
func (q *queue) wantAll(want map[string]string) {
	q.c.Helper()
	got := q.attributes("All")
	for _, name := range []string{"CreatedTimestamp", "LastModifiedTimestamp", "QueueArn"} {
		if got[name] == "" {
			q.c.Errorf("attributes of %s: want %s, got %v", q.name, name, got)
		}
		delete(got, name)
	}
	if !maps.Equal(got, want) {
		q.c.Errorf("attributes of %s, without ARN and timestamps:\n got %v\nwant %v", q.name, got, want)
	}
}

// attributeRangeCases has a case per numeric attribute.
func attributeRangeCases() []testCase {
	ranges := []struct {
		name     string
		least    string
		most     string
		tooLow   string
		tooHigh  string
		withKeys []string
	}{
		{"DelaySeconds", "0", "900", "-1", "901", nil},
		{"MaximumMessageSize", "1024", "1048576", "1023", "1048577", nil},
		{"MessageRetentionPeriod", "60", "1209600", "59", "1209601", nil},
		{"ReceiveMessageWaitTimeSeconds", "0", "20", "-1", "21", nil},
		{"VisibilityTimeout", "0", "43200", "-1", "43201", nil},
		{"KmsDataKeyReusePeriodSeconds", "60", "86400", "59", "86401", []string{"KmsMasterKeyId", "alias/aws/sqs"}},
	}
	var cases []testCase
	for _, r := range ranges {
		cases = append(cases, testCase{"attributes/range-" + r.name, "1 attributes", 0, func(c *checker) {
			q := c.queue("orders", r.withKeys...)
			for _, v := range []string{r.tooLow, r.tooHigh, "", " " + r.least, r.least + " ", r.least + ".5", r.least + ".0", "many", "99999999999999999999"} {
				want := "Invalid value for the parameter " + r.name + "."
				c.wantError(q.trySet(r.name, v), invalidAttribute, want)
				_, err := c.tryQueue("refused", append(slices.Clone(r.withKeys), r.name, v)...)
				c.wantError(err, invalidAttribute, want)
			}
			for _, v := range []string{r.least, r.most} {
				q.set(r.name, v)
				if c.has(Exact) {
					q.wantAttribute(r.name, v)
				}
				c.queue("with-"+v, append(slices.Clone(r.withKeys), r.name, v)...).wantAttribute(r.name, v)
			}
		}})
	}
	return cases
}
