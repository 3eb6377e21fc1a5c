package engine

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// ledger is Messages that only remembers what the registry asked of it.
type ledger struct {
	Messages
	settings   []Settings
	configured Time
	purged     []Time
	counts     Counts
}

func (l *ledger) Configure(now Time, s Settings) {
	l.settings, l.configured = append(l.settings, s), now
}
func (l *ledger) Purge(now Time)     { l.purged = append(l.purged, now) }
func (l *ledger) Counts(Time) Counts { return l.counts }

const (
	testAccount = "123456789012"
	testRegion  = "eu-west-1"
	second      = Time(time.Second)
	testNow     = 1_700_000_000*second + 987654321
)

func named(queue string) Name { return Name{testAccount, testRegion, queue} }

func newRegistry() *Engine {
	return New([16]byte{1, 2, 3}, func(uint32) Messages { return new(ledger) }, 120_000)
}

// setting makes attributes of pairs.
func setting(pairs ...string) map[string]string {
	m := make(map[string]string)
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// mustCreate makes a queue; FifoQueue goes without saying.
func mustCreate(t *testing.T, e *Engine, queue string, pairs ...string) *Queue {
	t.Helper()
	attributes := setting(pairs...)
	if strings.HasSuffix(queue, ".fifo") {
		attributes["FifoQueue"] = "true"
	}
	q, err := e.Create(testNow, named(queue), attributes, nil)
	if err != nil {
		t.Fatalf("Create %s %v: %v", queue, attributes, err)
	}
	return q
}

// refused checks that err is an *Error with this code and text; code "" wants none.
func refused(t *testing.T, what string, err error, code, text string) {
	t.Helper()
	if code == "" {
		if err != nil {
			t.Errorf("%s: %v, want success", what, err)
		}
		return
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Errorf("%s: %v, want %s: %s", what, err, code, text)
	} else if e.Code != code || e.Message != text {
		t.Errorf("%s:\n got %s: %s\nwant %s: %s", what, e.Code, e.Message, code, text)
	}
}

func queueNames(queues []*Queue) string {
	var names []string
	for _, q := range queues {
		names = append(names, q.Name.Queue)
	}
	return strings.Join(names, " ")
}

func TestARN(t *testing.T) {
	t.Parallel()
	n := named("jobs.fifo")
	const arn = "arn:aws:sqs:eu-west-1:123456789012:jobs.fifo"
	if n.ARN() != arn {
		t.Errorf("ARN() = %s, want %s", n.ARN(), arn)
	}
	if got, ok := ParseARN(arn); !ok || got != n {
		t.Errorf("ParseARN(%s) = %v, %v; want %v", arn, got, ok, n)
	}
	for _, bad := range []string{
		"", "jobs", "arn:aws:sqs:eu-west-1:123456789012", "arn:aws:sqs:eu-west-1:123456789012:",
		"arn:aws:sqs::123456789012:jobs", "arn:aws:sqs:eu-west-1::jobs", "arn:aws:sns:eu-west-1:123456789012:jobs",
		"arn:aws:sqs:eu-west-1:123456789012:jobs:more", "arn:aws:sqs:eu-west-1:123456789012:jo bs",
		"arn:aws:sqs:eu-west-1:123456789012:.fifo", "xarn:aws:sqs:eu-west-1:123456789012:jobs",
	} {
		if n, ok := ParseARN(bad); ok {
			t.Errorf("ParseARN(%q) = %v, want no queue", bad, n)
		}
	}
}

func TestCreateName(t *testing.T) {
	t.Parallel()
	const (
		standard = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
		fifo     = "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length"
	)
	for _, c := range []struct{ name, fifo, code, text string }{
		{"a", "", "", ""},
		{"A-z_09", "", "", ""},
		{strings.Repeat("n", 80), "", "", ""},
		{strings.Repeat("n", 81), "", CodeInvalidParameterValue, standard},
		{"", "", CodeInvalidParameterValue, standard},
		{"a b", "", CodeInvalidParameterValue, standard},
		{"a/b", "", CodeInvalidParameterValue, standard},
		{"jöbs", "", CodeInvalidParameterValue, standard},
		{"a.fifo", "", CodeInvalidParameterValue, standard},
		{"a.fifo", "false", CodeInvalidParameterValue, standard},
		{"a.fifo", "true", "", ""},
		{"a.fifo", "TRUE", "", ""},
		{strings.Repeat("n", 75) + ".fifo", "true", "", ""},
		{strings.Repeat("n", 76) + ".fifo", "true", CodeInvalidParameterValue, fifo},
		{"a", "true", CodeInvalidParameterValue, fifo},
		{".fifo", "true", CodeInvalidParameterValue, fifo},
		{"a.FIFO", "true", CodeInvalidParameterValue, fifo},
		{"a", "false", CodeInvalidAttributeName, "Unknown Attribute FifoQueue."},
	} {
		attributes := map[string]string{}
		if c.fifo != "" {
			attributes["FifoQueue"] = c.fifo
		}
		e := newRegistry()
		q, err := e.Create(testNow, named(c.name), attributes, nil)
		refused(t, fmt.Sprintf("Create %q FifoQueue=%q", c.name, c.fifo), err, c.code, c.text)
		if (q == nil) != (err != nil) || (e.Lookup(named(c.name)) == nil) != (err != nil) {
			t.Errorf("Create %q FifoQueue=%q: queue %v beside error %v", c.name, c.fifo, q, err)
		}
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	e := newRegistry()
	tags := map[string]string{"team": "a"}
	q, err := e.Create(testNow, named("jobs"), setting("DelaySeconds", "7"), tags)
	if err != nil {
		t.Fatal(err)
	}
	tags["team"] = "b"
	if q.Number != 1 || q.Name != named("jobs") || q.Created != testNow || q.Modified != testNow || q.Deleted {
		t.Errorf("Create gave %+v", q)
	}
	if q.Tags["team"] != "a" {
		t.Errorf("tags %v: the queue shares the caller's map", q.Tags)
	}
	want := Settings{Delay: 7 * time.Second, Retention: 4 * 24 * time.Hour, MaxInFlight: 120_000}
	l := q.Messages.(*ledger)
	if !slices.Equal(l.settings, []Settings{want}) || l.configured != testNow {
		t.Errorf("Configure saw %+v at %d, want %+v once", l.settings, l.configured, want)
	}
	if e.Key() != [16]byte{1, 2, 3} {
		t.Errorf("Key() = %v", e.Key())
	}
	if f := mustCreate(t, e, "next.fifo"); f.Number != 2 || f.Tags != nil {
		t.Errorf("the second queue has number %d and tags %v, want 2 and none", f.Number, f.Tags)
	}
}

func TestCreateExisting(t *testing.T) {
	t.Parallel()
	const dead = `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:dead","maxReceiveCount":3}`
	const policy = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*"}}`
	const allow = `{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:eu-west-1:123456789012:x"]}`
	for _, c := range []struct {
		what   string
		change []string // by SetAttributes after Create
		again  []string
		differ string // the attribute named by the refusal
	}{
		{what: "none given"},
		{what: "none given, after a change", change: []string{"DelaySeconds", "9"}},
		{what: "all equal", again: []string{"DelaySeconds", "5", "RedrivePolicy", dead}},
		{what: "a subset", again: []string{"DelaySeconds", "5"}},
		{what: "a default", again: []string{"VisibilityTimeout", "30"}},
		{what: "another value", again: []string{"DelaySeconds", "6"}, differ: "DelaySeconds"},
		{what: "another than the default", again: []string{"VisibilityTimeout", "31"}, differ: "VisibilityTimeout"},
		{what: "the first value after a change", change: []string{"DelaySeconds", "9"}, again: []string{"DelaySeconds", "5"}, differ: "DelaySeconds"},
		{what: "the current value after a change", change: []string{"DelaySeconds", "9"}, again: []string{"DelaySeconds", "9"}},
		{what: "the first of several by name", again: []string{"VisibilityTimeout", "1", "MaximumMessageSize", "2000", "MessageRetentionPeriod", "60"}, differ: "MaximumMessageSize"},
		{what: "a boolean in capitals", again: []string{"SqsManagedSseEnabled", "TRUE"}},
		{what: "another boolean", again: []string{"SqsManagedSseEnabled", "false"}, differ: "SqsManagedSseEnabled"},
		{what: "the redrive policy in other words", again: []string{"RedrivePolicy", `{ "maxReceiveCount":"3", "deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:dead"}`}},
		{what: "another redrive policy", again: []string{"RedrivePolicy", strings.Replace(dead, "3}", "4}", 1)}, differ: "RedrivePolicy"},
		{what: "a redrive policy to nowhere", again: []string{"RedrivePolicy", strings.Replace(dead, "dead\"", "gone\"", 1)}, differ: "RedrivePolicy"},
		{what: "an unset redrive policy", again: []string{"RedrivePolicy", ""}, differ: "RedrivePolicy"},
		{what: "unset as before", again: []string{"Policy", "", "RedriveAllowPolicy", "", "KmsMasterKeyId", ""}},
		{what: "the policy in another order", change: []string{"Policy", policy}, again: []string{"Policy", `{"Statement":{"Action":"sqs:*","Effect":"Deny", "Principal":"*"},"Version":"2012-10-17"}`}},
		{what: "another policy", change: []string{"Policy", policy}, again: []string{"Policy", strings.Replace(policy, "Deny", "Allow", 1)}, differ: "Policy"},
		{what: "the allow policy in another order", change: []string{"RedriveAllowPolicy", allow}, again: []string{"RedriveAllowPolicy", `{"sourceQueueArns": ["arn:aws:sqs:eu-west-1:123456789012:x"], "redrivePermission": "byQueue"}`}},
		{what: "a key where there is none", again: []string{"KmsMasterKeyId", "k"}, differ: "KmsMasterKeyId"},
		{what: "the key", change: []string{"KmsMasterKeyId", "k"}, again: []string{"KmsMasterKeyId", "k"}},
		{what: "managed encryption after a key", change: []string{"KmsMasterKeyId", "k"}, again: []string{"SqsManagedSseEnabled", "true"}, differ: "SqsManagedSseEnabled"},
	} {
		e := newRegistry()
		mustCreate(t, e, "dead")
		q := mustCreate(t, e, "jobs", "DelaySeconds", "5", "RedrivePolicy", dead)
		if len(c.change) > 0 {
			refused(t, c.what+": SetAttributes", e.SetAttributes(testNow, q, setting(c.change...)), "", "")
		}
		before := *q
		again, err := e.Create(testNow+second, named("jobs"), setting(c.again...), map[string]string{"other": "tag"})
		if c.differ != "" {
			refused(t, c.what, err, CodeQueueNameExists, "A queue already exists with the same name and a different value for attribute "+c.differ)
			if again != nil {
				t.Errorf("%s: a queue beside the error", c.what)
			}
		} else if refused(t, c.what, err, "", ""); again != q {
			t.Errorf("%s: Create gave another queue: %+v", c.what, again)
		}
		if !reflect.DeepEqual(*q, before) {
			t.Errorf("%s: Create changed the queue from %+v to %+v", c.what, before, *q)
		}
	}
}

func TestCreateExistingFIFO(t *testing.T) {
	t.Parallel()
	e := newRegistry()
	q := mustCreate(t, e, "a.fifo", "DeduplicationScope", "messageGroup", "FifoThroughputLimit", "perMessageGroupId")
	// The limit alone is legal only because of the scope that the queue has.
	if again := mustCreate(t, e, "a.fifo", "FifoThroughputLimit", "perMessageGroupId"); again != q {
		t.Errorf("Create gave another queue: %+v", again)
	}
	_, err := e.Create(testNow, named("a.fifo"), setting("FifoQueue", "true", "ContentBasedDeduplication", "true"), nil)
	refused(t, "another deduplication", err, CodeQueueNameExists, "A queue already exists with the same name and a different value for attribute ContentBasedDeduplication")
}

// A dead-letter queue that is gone hinders no second Create of its source.
func TestCreateExistingDeadLetterQueueGone(t *testing.T) {
	t.Parallel()
	e := newRegistry()
	const policy = `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:dead","maxReceiveCount":3}`
	dead := mustCreate(t, e, "dead")
	q := mustCreate(t, e, "jobs", "RedrivePolicy", policy)
	e.Delete(testNow, dead)
	if again := mustCreate(t, e, "jobs", "RedrivePolicy", policy); again != q {
		t.Errorf("Create gave another queue: %+v", again)
	}
	refused(t, "an unrelated attribute", e.SetAttributes(testNow, q, setting("DelaySeconds", "1")), "", "")
	if q.Config.Redrive == nil {
		t.Error("the policy is gone with its target")
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	const text = "You must wait 60 seconds after deleting a queue before you can create another with the same name."
	e := newRegistry()
	q := mustCreate(t, e, "jobs")
	e.Delete(testNow, q)
	e.Delete(testNow+second, q) // nothing left to do
	if !q.Deleted || e.Lookup(q.Name) != nil || len(e.List(testAccount, testRegion, "")) != 0 {
		t.Error("the queue is still there")
	}
	if e.ARN(1) != q.Name.ARN() {
		t.Errorf("ARN(1) = %q after Delete, want %s", e.ARN(1), q.Name.ARN())
	}
	for _, now := range []Time{testNow - second, testNow, testNow + 60*second - 1} {
		_, err := e.Create(now, q.Name, nil, nil)
		refused(t, fmt.Sprintf("Create %v after Delete", time.Duration(now-testNow)), err, CodeQueueDeletedRecently, text)
	}
	mustCreate(t, e, "other") // another name has not to wait
	again, err := e.Create(testNow+60*second, q.Name, nil, nil)
	refused(t, "Create 60 s after Delete", err, "", "")
	if again == q || again.Number != 3 {
		t.Errorf("Create gave number %d, want a queue of its own, 3", again.Number)
	}
	if len(e.reusable) != 0 {
		t.Errorf("names still remembered as deleted: %v", e.reusable)
	}
}

func TestRelaxed(t *testing.T) {
	t.Parallel()
	e := newRegistry()
	e.Relaxed = true
	q := mustCreate(t, e, "jobs")
	refused(t, "Purge", e.Purge(testNow, q), "", "")
	refused(t, "Purge again", e.Purge(testNow, q), "", "")
	e.Delete(testNow, q)
	mustCreate(t, e, "jobs")
}

func TestPurge(t *testing.T) {
	t.Parallel()
	const text = "Only one PurgeQueue operation on jobs is allowed every 60 seconds."
	e := newRegistry()
	q, other := mustCreate(t, e, "jobs"), mustCreate(t, e, "other")
	refused(t, "the first", e.Purge(testNow, q), "", "")
	refused(t, "at once", e.Purge(testNow, q), CodePurgeInProgress, text)
	refused(t, "another queue", e.Purge(testNow, other), "", "")
	refused(t, "1 ns before the minute", e.Purge(testNow+60*second-1, q), CodePurgeInProgress, text)
	refused(t, "after a minute", e.Purge(testNow+60*second, q), "", "")
	if got, want := q.Messages.(*ledger).purged, []Time{testNow, testNow + 60*second}; !slices.Equal(got, want) {
		t.Errorf("the messages were purged at %v, want %v", got, want)
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	e := newRegistry()
	mustCreate(t, e, "a")
	for number, want := range map[uint32]string{0: "", 1: named("a").ARN(), 2: "", 1<<32 - 1: ""} {
		if got := e.ARN(number); got != want {
			t.Errorf("ARN(%d) = %q, want %q", number, got, want)
		}
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	e := newRegistry()
	for _, name := range []string{"beta", "alpha", "alp", "Alpha", "gamma.fifo"} {
		mustCreate(t, e, name)
	}
	for _, n := range []Name{{testAccount, "us-east-1", "alpha"}, {"000000000000", testRegion, "alpha"}} {
		if _, err := e.Create(testNow, n, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ account, region, prefix, want string }{
		{testAccount, testRegion, "", "Alpha alp alpha beta gamma.fifo"},
		{testAccount, testRegion, "alp", "alp alpha"},
		{testAccount, testRegion, "A", "Alpha"},
		{testAccount, testRegion, "none", ""},
		{testAccount, "us-east-1", "", "alpha"},
		{"000000000000", testRegion, "", "alpha"},
		{"000000000000", "us-east-1", "", ""},
	} {
		if got := queueNames(e.List(c.account, c.region, c.prefix)); got != c.want {
			t.Errorf("List(%s, %s, %q) = %q, want %q", c.account, c.region, c.prefix, got, c.want)
		}
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	e := newRegistry()
	dead := mustCreate(t, e, "dead")
	policy := (&Redrive{Target: dead.Name, Max: 3}).text()
	for _, name := range []string{"c", "a", "b"} {
		mustCreate(t, e, name, "RedrivePolicy", policy)
	}
	mustCreate(t, e, "none")
	refused(t, "a queue that names itself", e.SetAttributes(testNow, dead, setting("RedrivePolicy", policy)), "", "")
	if got := queueNames(e.Sources(dead)); got != "a b c dead" {
		t.Errorf("Sources = %q, want %q", got, "a b c dead")
	}
	e.Delete(testNow, e.Lookup(named("b")))
	refused(t, "unset", e.SetAttributes(testNow, e.Lookup(named("c")), setting("RedrivePolicy", "")), "", "")
	if got := queueNames(e.Sources(dead)); got != "a dead" {
		t.Errorf("Sources = %q, want %q", got, "a dead")
	}
}

// The same calls give equal state, whatever the order of maps.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	run := func() string {
		e := newRegistry()
		var log strings.Builder
		for i := range 20 {
			name := fmt.Sprintf("q%d", i*7%20)
			_, err := e.Create(testNow+Time(i), named(name), setting("DelaySeconds", "1", "VisibilityTimeout", "2", "X", "", "Y", ""), nil)
			fmt.Fprintln(&log, err)
			q, err := e.Create(testNow+Time(i), named(name), setting("DelaySeconds", "1", "VisibilityTimeout", "2"), map[string]string{"a": "1", "b": "2"})
			fmt.Fprintln(&log, q.Number, err)
		}
		for _, q := range e.List(testAccount, testRegion, "") {
			attributes, err := e.Attributes(testNow, q, []string{"All"})
			fmt.Fprintln(&log, q.Number, q.Name, attributes, err, len(slices.Collect(maps.Keys(q.Tags))))
		}
		return log.String()
	}
	first := run()
	for range 20 {
		if again := run(); again != first {
			t.Fatalf("two runs differ:\n%s\n%s", first, again)
		}
	}
}
