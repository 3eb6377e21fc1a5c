package engine

import (
	"fmt"
	"maps"
	"reflect"
	"testing"
	"time"
)

func TestSetAttributes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		queue, name, value string
		shown              string // what GetQueueAttributes then says
		code, text         string // or how it is refused
	}{
		{queue: "q", name: "DelaySeconds", value: "0", shown: "0"},
		{queue: "q", name: "DelaySeconds", value: "900", shown: "900"},
		{queue: "q", name: "DelaySeconds", value: "901", code: CodeInvalidAttributeValue},
		{queue: "q", name: "DelaySeconds", value: "-1", code: CodeInvalidAttributeValue},
		{queue: "q", name: "DelaySeconds", value: "", code: CodeInvalidAttributeValue},
		{queue: "q", name: "DelaySeconds", value: " 1", code: CodeInvalidAttributeValue},
		{queue: "q", name: "DelaySeconds", value: "1 ", code: CodeInvalidAttributeValue},
		{queue: "q", name: "DelaySeconds", value: "01", code: CodeInvalidAttributeValue},
		{queue: "q", name: "DelaySeconds", value: "+1", code: CodeInvalidAttributeValue},
		{queue: "q", name: "DelaySeconds", value: "1.0", code: CodeInvalidAttributeValue},
		{queue: "q", name: "DelaySeconds", value: "1e1", code: CodeInvalidAttributeValue},
		{queue: "q", name: "DelaySeconds", value: "0x1", code: CodeInvalidAttributeValue},
		{queue: "q", name: "DelaySeconds", value: "one", code: CodeInvalidAttributeValue},
		{queue: "q", name: "DelaySeconds", value: "99999999999999999999", code: CodeInvalidAttributeValue},
		{queue: "q", name: "MaximumMessageSize", value: "1024", shown: "1024"},
		{queue: "q", name: "MaximumMessageSize", value: "1048576", shown: "1048576"},
		{queue: "q", name: "MaximumMessageSize", value: "1023", code: CodeInvalidAttributeValue},
		{queue: "q", name: "MaximumMessageSize", value: "1048577", code: CodeInvalidAttributeValue},
		{queue: "q", name: "MessageRetentionPeriod", value: "60", shown: "60"},
		{queue: "q", name: "MessageRetentionPeriod", value: "1209600", shown: "1209600"},
		{queue: "q", name: "MessageRetentionPeriod", value: "59", code: CodeInvalidAttributeValue},
		{queue: "q", name: "MessageRetentionPeriod", value: "1209601", code: CodeInvalidAttributeValue},
		{queue: "q", name: "ReceiveMessageWaitTimeSeconds", value: "20", shown: "20"},
		{queue: "q", name: "ReceiveMessageWaitTimeSeconds", value: "21", code: CodeInvalidAttributeValue},
		{queue: "q", name: "VisibilityTimeout", value: "0", shown: "0"},
		{queue: "q", name: "VisibilityTimeout", value: "43200", shown: "43200"},
		{queue: "q", name: "VisibilityTimeout", value: "43201", code: CodeInvalidAttributeValue},
		{queue: "q", name: "KmsMasterKeyId", value: "alias/none", shown: "alias/none"},
		{queue: "q", name: "KmsMasterKeyId", value: "", shown: ""},
		{queue: "q", name: "KmsDataKeyReusePeriodSeconds", value: "60", shown: ""}, // without a key
		{queue: "q", name: "KmsDataKeyReusePeriodSeconds", value: "59", code: CodeInvalidAttributeValue},
		{queue: "q", name: "KmsDataKeyReusePeriodSeconds", value: "86401", code: CodeInvalidAttributeValue},
		{queue: "q", name: "SqsManagedSseEnabled", value: "FaLSE", shown: "false"},
		{queue: "q", name: "SqsManagedSseEnabled", value: "TRUE", shown: "true"},
		{queue: "q", name: "SqsManagedSseEnabled", value: "1", code: CodeInvalidAttributeValue},
		{queue: "q", name: "SqsManagedSseEnabled", value: "", code: CodeInvalidAttributeValue},
		{queue: "q", name: "Policy", value: "", shown: ""},
		{queue: "q", name: "RedrivePolicy", value: "", shown: ""},
		{queue: "q", name: "RedriveAllowPolicy", value: "", shown: ""},
		{queue: "q", name: "Nonsense", value: "1", code: CodeInvalidAttributeName, text: "Unknown Attribute Nonsense."},
		{queue: "q", name: "delaySeconds", value: "1", code: CodeInvalidAttributeName, text: "Unknown Attribute delaySeconds."},
		{queue: "q", name: "All", value: "1", code: CodeInvalidAttributeName, text: "Unknown Attribute All."},
		{queue: "q", name: "QueueArn", value: "x", code: CodeInvalidAttributeName, text: "Unknown Attribute QueueArn."},
		{queue: "q", name: "CreatedTimestamp", value: "1", code: CodeInvalidAttributeName, text: "Unknown Attribute CreatedTimestamp."},
		{queue: "q", name: "ApproximateNumberOfMessages", value: "1", code: CodeInvalidAttributeName, text: "Unknown Attribute ApproximateNumberOfMessages."},
		{queue: "q", name: "FifoQueue", value: "true", code: CodeInvalidAttributeName, text: "Unknown Attribute FifoQueue."},
		{queue: "q", name: "FifoQueue", value: "false", code: CodeInvalidAttributeName, text: "Unknown Attribute FifoQueue."},
		{queue: "q", name: "ContentBasedDeduplication", value: "false", code: CodeInvalidAttributeName, text: "Unknown Attribute ContentBasedDeduplication."},
		{queue: "q", name: "DeduplicationScope", value: "queue", code: CodeInvalidAttributeName, text: "You can specify the DeduplicationScope only when FifoQueue is set to true."},
		{queue: "q", name: "FifoThroughputLimit", value: "perQueue", code: CodeInvalidAttributeName, text: "You can specify the FifoThroughputLimit only when FifoQueue is set to true."},

		{queue: "q.fifo", name: "DelaySeconds", value: "9", shown: "9"},
		{queue: "q.fifo", name: "FifoQueue", value: "true", shown: "true"},
		{queue: "q.fifo", name: "FifoQueue", value: "True", shown: "true"},
		{queue: "q.fifo", name: "FifoQueue", value: "false", code: CodeInvalidAttributeValue, text: "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."},
		{queue: "q.fifo", name: "FifoQueue", value: "maybe", code: CodeInvalidAttributeValue},
		{queue: "q.fifo", name: "ContentBasedDeduplication", value: "tRUE", shown: "true"},
		{queue: "q.fifo", name: "ContentBasedDeduplication", value: "yes", code: CodeInvalidAttributeValue},
		{queue: "q.fifo", name: "DeduplicationScope", value: "messageGroup", shown: "messageGroup"},
		{queue: "q.fifo", name: "DeduplicationScope", value: "queue", shown: "queue"},
		{queue: "q.fifo", name: "DeduplicationScope", value: "Queue", code: CodeInvalidAttributeValue},
		{queue: "q.fifo", name: "FifoThroughputLimit", value: "perQueue", shown: "perQueue"},
		{queue: "q.fifo", name: "FifoThroughputLimit", value: "", code: CodeInvalidAttributeValue},
		{queue: "q.fifo", name: "FifoThroughputLimit", value: "perMessageGroupId", code: CodeInvalidAttributeValue,
			text: "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup"},
	} {
		what := fmt.Sprintf("%s: %s=%q", c.queue, c.name, c.value)
		if c.code == CodeInvalidAttributeValue && c.text == "" {
			c.text = "Invalid value for the parameter " + c.name + "."
		}
		e := newRegistry()
		q := mustCreate(t, e, c.queue)
		before := *q
		err := e.SetAttributes(testNow+second, q, setting(c.name, c.value))
		refused(t, what, err, c.code, c.text)
		if c.code != "" {
			if !reflect.DeepEqual(*q, before) {
				t.Errorf("%s: the queue changed from %+v to %+v", what, before, *q)
			}
			continue
		}
		got, err := e.Attributes(testNow, q, []string{c.name})
		if err != nil || got[c.name] != c.shown {
			t.Errorf("%s: shown as %v, %v; want %q", what, got, err, c.shown)
		}
	}
}

// Create refuses what SetAttributes refuses.
func TestCreateAttributes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		queue      string
		attributes map[string]string
		code, text string
	}{
		{"q", setting("DelaySeconds", "901"), CodeInvalidAttributeValue, "Invalid value for the parameter DelaySeconds."},
		{"q", setting("Nonsense", ""), CodeInvalidAttributeName, "Unknown Attribute Nonsense."},
		{"q", setting("DelaySeconds", "x", "Nonsense", "", "Bogus", ""), CodeInvalidAttributeName, "Unknown Attribute Bogus."},
		{"q", setting("VisibilityTimeout", "x", "DelaySeconds", "x"), CodeInvalidAttributeValue, "Invalid value for the parameter DelaySeconds."},
		{"q", setting("ContentBasedDeduplication", "true"), CodeInvalidAttributeName, "Unknown Attribute ContentBasedDeduplication."},
		{"q", setting("KmsMasterKeyId", "k", "SqsManagedSseEnabled", "True"), CodeInvalidAttributeName,
			"You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE."},
		{"q", setting("KmsMasterKeyId", "k", "SqsManagedSseEnabled", "false"), "", ""},
		{"q", setting("KmsMasterKeyId", "", "SqsManagedSseEnabled", "true"), "", ""},
		{"q.fifo", setting("FifoQueue", "true", "FifoThroughputLimit", "perMessageGroupId"), CodeInvalidAttributeValue,
			"The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup"},
		{"q.fifo", setting("FifoQueue", "true", "FifoThroughputLimit", "perMessageGroupId", "DeduplicationScope", "messageGroup"), "", ""},
		{"q.fifo", setting("FifoQueue", "true", "DeduplicationScope", "messageGroup"), "", ""},
	} {
		e := newRegistry()
		_, err := e.Create(testNow, named(c.queue), c.attributes, nil)
		refused(t, fmt.Sprint("Create ", c.queue, " ", c.attributes), err, c.code, c.text)
		if err != nil && (e.Lookup(named(c.queue)) != nil || e.ARN(1) != "") {
			t.Errorf("Create %s %v: refused, and yet a queue was made", c.queue, c.attributes)
		}
	}
}

func TestSetSeveralAttributes(t *testing.T) {
	t.Parallel()
	e := newRegistry()
	q := mustCreate(t, e, "q.fifo")
	refused(t, "none", e.SetAttributes(testNow, q, nil), CodeMissingParameter, "The request must contain the parameter Attribute.Name.")
	err := e.SetAttributes(testNow+second, q, setting("DelaySeconds", "1", "VisibilityTimeout", "x"))
	refused(t, "good and bad", err, CodeInvalidAttributeValue, "Invalid value for the parameter VisibilityTimeout.")
	if q.Config.Delay != 0 || q.Modified != testNow {
		t.Errorf("half of a refused request was done: %+v", q)
	}
	all := setting("DeduplicationScope", "messageGroup", "FifoThroughputLimit", "perMessageGroupId", "DelaySeconds", "2", "MessageRetentionPeriod", "60")
	refused(t, "all good", e.SetAttributes(testNow+second, q, all), "", "")
	want := Settings{FIFO: true, Delay: 2 * time.Second, Retention: time.Minute, MaxInFlight: 120_000, GroupScope: true, Window: 120_000}
	if l := q.Messages.(*ledger); len(l.settings) != 2 || l.settings[1] != want || l.configured != testNow+second {
		t.Errorf("Configure saw %+v at %d, want then %+v", l.settings, l.configured, want)
	}
	if q.Modified != testNow+second || q.Created != testNow {
		t.Errorf("Created %d, Modified %d, want %d and a second later", q.Created, q.Modified, testNow)
	}
	err = e.SetAttributes(testNow, q, setting("DeduplicationScope", "queue"))
	refused(t, "the scope alone", err, CodeInvalidAttributeValue, "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup")
	refused(t, "an earlier now", e.SetAttributes(testNow, q, setting("DelaySeconds", "3")), "", "")
	if q.Modified != testNow+second {
		t.Errorf("Modified ran backwards to %d", q.Modified)
	}
}

// A queue has one type of encryption at most.
func TestEncryption(t *testing.T) {
	t.Parallel()
	e := newRegistry()
	q := mustCreate(t, e, "q")
	for _, c := range []struct {
		set              map[string]string
		managed, key, in string
	}{
		{setting("DelaySeconds", "0"), "true", "", ""},
		{setting("KmsDataKeyReusePeriodSeconds", "600"), "true", "", ""},
		{setting("KmsMasterKeyId", "k"), "false", "k", "600"},
		{setting("KmsMasterKeyId", "", "KmsDataKeyReusePeriodSeconds", "300"), "false", "", ""},
		{setting("SqsManagedSseEnabled", "true"), "true", "", ""},
		{setting("KmsMasterKeyId", "k", "SqsManagedSseEnabled", "false"), "false", "k", "300"},
		{setting("SqsManagedSseEnabled", "true"), "true", "", ""},
		{setting("KmsMasterKeyId", "k"), "false", "k", "300"},
		{setting("KmsMasterKeyId", "", "SqsManagedSseEnabled", "true"), "true", "", ""},
		{setting("SqsManagedSseEnabled", "false"), "false", "", ""},
	} {
		refused(t, fmt.Sprint("set ", c.set), e.SetAttributes(testNow, q, c.set), "", "")
		want := setting("SqsManagedSseEnabled", c.managed)
		if c.key != "" {
			want["KmsMasterKeyId"], want["KmsDataKeyReusePeriodSeconds"] = c.key, c.in
		}
		got, err := e.Attributes(testNow, q, []string{"SqsManagedSseEnabled", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds"})
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("after %v: %v, %v; want %v", c.set, got, err, want)
		}
	}
}

func TestAttributes(t *testing.T) {
	t.Parallel()
	standard := setting(
		"ApproximateNumberOfMessages", "1", "ApproximateNumberOfMessagesNotVisible", "2", "ApproximateNumberOfMessagesDelayed", "3",
		"CreatedTimestamp", "1700000000", "LastModifiedTimestamp", "1700000000", "DelaySeconds", "0", "MaximumMessageSize", "1048576",
		"MessageRetentionPeriod", "345600", "QueueArn", "arn:aws:sqs:eu-west-1:123456789012:q", "ReceiveMessageWaitTimeSeconds", "0",
		"SqsManagedSseEnabled", "true", "VisibilityTimeout", "30")
	fifo := maps.Clone(standard)
	maps.Copy(fifo, setting("QueueArn", "arn:aws:sqs:eu-west-1:123456789012:q.fifo", "FifoQueue", "true",
		"ContentBasedDeduplication", "false", "DeduplicationScope", "queue", "FifoThroughputLimit", "perQueue"))
	for _, c := range []struct {
		queue   string
		names   []string
		want    map[string]string
		unknown string
	}{
		{queue: "q", names: []string{"All"}, want: standard},
		{queue: "q.fifo", names: []string{"All"}, want: fifo},
		{queue: "q", names: []string{"All", "QueueArn"}, want: standard},
		{queue: "q", names: nil, want: nil},
		{queue: "q", names: []string{"Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds"}, want: nil},
		{queue: "q", names: []string{"DeduplicationScope", "FifoThroughputLimit"}, want: nil},
		{queue: "q", names: []string{"Policy", "QueueArn"}, want: setting("QueueArn", "arn:aws:sqs:eu-west-1:123456789012:q")},
		{queue: "q", names: []string{"ApproximateNumberOfMessages"}, want: setting("ApproximateNumberOfMessages", "1")},
		{queue: "q.fifo", names: []string{"FifoQueue", "FifoQueue"}, want: setting("FifoQueue", "true")},
		{queue: "q", names: []string{"Nonsense"}, unknown: "Nonsense"},
		{queue: "q", names: []string{"All", "Nonsense", "Bogus"}, unknown: "Nonsense"},
		{queue: "q", names: []string{"all"}, unknown: "all"},
		{queue: "q", names: []string{"FifoQueue"}, unknown: "FifoQueue"},
		{queue: "q", names: []string{"ContentBasedDeduplication"}, unknown: "ContentBasedDeduplication"},
	} {
		e := newRegistry()
		q := mustCreate(t, e, c.queue)
		q.Messages.(*ledger).counts = Counts{Visible: 1, InFlight: 2, Delayed: 3}
		got, err := e.Attributes(testNow, q, c.names)
		what := fmt.Sprintf("Attributes(%s, %q)", c.queue, c.names)
		if c.unknown != "" {
			refused(t, what, err, CodeInvalidAttributeName, "Unknown Attribute "+c.unknown+".")
		} else if err != nil || !maps.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s:\n got %v, %v\nwant %v", what, got, err, c.want)
		}
	}
}
