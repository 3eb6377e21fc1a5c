package engine

import (
	"strings"
	"testing"
)

const (
	deadARN    = "arn:aws:sqs:eu-west-1:123456789012:dead"
	sourceARN  = "arn:aws:sqs:eu-west-1:123456789012:source"
	redriveBad = " for parameter RedrivePolicy is invalid. Reason: "
)

func TestRedrivePolicy(t *testing.T) {
	t.Parallel()
	target := func(arn string) string { return `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":3}` }
	count := func(n string) string { return `{"deadLetterTargetArn":"` + deadARN + `","maxReceiveCount":` + n + `}` }
	const (
		notJSON = "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map."
		badARN  = "Invalid value for deadLetterTargetArn."
		noQueue = "Dead letter target does not exist."
		noCount = "Redrive policy does not contain mandatory attribute: maxReceiveCount."
		noType  = "Dead-letter queue must be same type of queue as the source.."
		noEntry = "Dead letter target does not allow this queue as a source."
	)
	badCount := func(n string) string {
		return "Invalid value for maxReceiveCount: " + n + ", valid values are from 1 to 1000 both inclusive."
	}
	for _, c := range []struct{ policy, shown, reason string }{
		{policy: count("3"), shown: count("3")},
		{policy: count(`"1000"`), shown: count("1000")},
		{policy: "{ \"maxReceiveCount\" : 1,\n\"deadLetterTargetArn\" : \"" + deadARN + "\" }", shown: count("1")},
		{policy: "", shown: ""},
		{policy: count("0"), reason: badCount("0")},
		{policy: count("1001"), reason: badCount("1001")},
		{policy: count("-1"), reason: badCount("-1")},
		{policy: count("3.0"), reason: badCount("3.0")},
		{policy: count("3e0"), reason: badCount("3e0")},
		{policy: count("null"), reason: badCount("null")},
		{policy: count(`"three"`), reason: badCount("three")},
		{policy: count(`" 3"`), reason: badCount(" 3")},
		{policy: count(`""`), reason: badCount("")},
		{policy: count("[3]"), reason: badCount("[3]")},
		{policy: "{}", reason: noCount},
		{policy: `{"deadLetterTargetArn":"` + deadARN + `"}`, reason: noCount},
		{policy: `{"maxReceiveCount":3}`, reason: "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."},
		{policy: strings.Replace(count("3"), "{", `{"more":1,`, 1), reason: "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn]."},
		{policy: "nonsense", reason: notJSON},
		{policy: "[]", reason: notJSON},
		{policy: "null", reason: notJSON},
		{policy: "3", reason: notJSON},
		{policy: count("3") + "x", reason: notJSON},
		{policy: target("dead"), reason: badARN},
		{policy: target(""), reason: badARN},
		{policy: `{"deadLetterTargetArn":3,"maxReceiveCount":3}`, reason: badARN},
		{policy: target("arn:aws:sqs:eu-west-1:123456789012"), reason: badARN},
		{policy: target("arn:aws:sns:eu-west-1:123456789012:dead"), reason: "Only SQS queues are valid resources for deadLetterTargetArn."},
		{policy: target("arn:aws:sqs:eu-west-1:000000000000:dead"), reason: "Dead-letter target owner should be same as the source."},
		{policy: target("arn:aws:sqs:us-east-1:123456789012:dead"), reason: noQueue},
		{policy: target("arn:aws:sqs:eu-west-1:123456789012:gone"), reason: noQueue},
		{policy: target("arn:aws:sqs:eu-west-1:123456789012:dead.fifo"), reason: noType},
		{policy: target("arn:aws:sqs:eu-west-1:123456789012:closed"), reason: noEntry},
		{policy: target("arn:aws:sqs:eu-west-1:123456789012:others"), reason: noEntry},
		{policy: target("arn:aws:sqs:eu-west-1:123456789012:open"), shown: target("arn:aws:sqs:eu-west-1:123456789012:open")},
		{policy: target("arn:aws:sqs:eu-west-1:123456789012:ours"), shown: target("arn:aws:sqs:eu-west-1:123456789012:ours")},
	} {
		code, text := "", ""
		switch {
		case c.reason == notJSON:
			code, text = CodeInvalidAttributeValue, notJSON
		case c.reason != "":
			code, text = CodeInvalidParameterValue, "Value "+c.policy+redriveBad+c.reason
		}
		for _, create := range []bool{true, false} {
			e := newRegistry()
			mustCreate(t, e, "dead")
			mustCreate(t, e, "dead.fifo")
			mustCreate(t, e, "open", "RedriveAllowPolicy", `{"redrivePermission":"allowAll"}`)
			mustCreate(t, e, "closed", "RedriveAllowPolicy", `{"redrivePermission":"denyAll"}`)
			mustCreate(t, e, "ours", "RedriveAllowPolicy", `{"redrivePermission":"byQueue","sourceQueueArns":["`+deadARN+`","`+sourceARN+`"]}`)
			mustCreate(t, e, "others", "RedriveAllowPolicy", `{"redrivePermission":"byQueue","sourceQueueArns":["`+deadARN+`"]}`)
			var q *Queue
			var err error
			if create {
				q, err = e.Create(testNow, named("source"), setting("RedrivePolicy", c.policy), nil)
			} else {
				q = mustCreate(t, e, "source")
				err = e.SetAttributes(testNow, q, setting("RedrivePolicy", c.policy))
			}
			refused(t, "RedrivePolicy "+c.policy, err, code, text)
			if err == nil {
				if got, _ := e.Attributes(testNow, q, []string{"RedrivePolicy"}); got["RedrivePolicy"] != c.shown {
					t.Errorf("RedrivePolicy %s: shown as %v, want %s", c.policy, got, c.shown)
				}
			}
		}
	}
}

func TestRedriveSettings(t *testing.T) {
	t.Parallel()
	e := newRegistry()
	mustCreate(t, e, "dead.fifo")
	const policy = `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:dead.fifo","maxReceiveCount":7}`
	q := mustCreate(t, e, "source.fifo", "RedrivePolicy", policy)
	if got := q.Config.settings(1).MaxReceives; got != 7 {
		t.Errorf("MaxReceives = %d, want 7", got)
	}
	_, err := e.Create(testNow, named("standard"), setting("RedrivePolicy", policy), nil)
	refused(t, "a FIFO target of a standard queue", err, CodeInvalidParameterValue, "Value "+policy+redriveBad+"Dead-letter queue must be same type of queue as the source..")
	refused(t, "unset", e.SetAttributes(testNow, q, setting("RedrivePolicy", "")), "", "")
	l := q.Messages.(*ledger)
	if got := l.settings[len(l.settings)-1].MaxReceives; got != 0 {
		t.Errorf("MaxReceives = %d after unsetting, want 0", got)
	}
}

// A queue may be its own dead-letter queue; its allow policy counts for itself,
// with the value that it will have.
func TestRedriveToItself(t *testing.T) {
	t.Parallel()
	policy := `{"deadLetterTargetArn":"` + sourceARN + `","maxReceiveCount":1}`
	e := newRegistry()
	_, err := e.Create(testNow, named("source"), setting("RedrivePolicy", policy), nil)
	refused(t, "before it exists", err, CodeInvalidParameterValue, "Value "+policy+redriveBad+"Dead letter target does not exist.")
	q := mustCreate(t, e, "source")
	err = e.SetAttributes(testNow, q, setting("RedrivePolicy", policy, "RedriveAllowPolicy", `{"redrivePermission":"denyAll"}`))
	refused(t, "denied in the same request", err, CodeInvalidParameterValue, "Value "+policy+redriveBad+"Dead letter target does not allow this queue as a source.")
	refused(t, "to itself", e.SetAttributes(testNow, q, setting("RedrivePolicy", policy)), "", "")
}

func TestRedriveAllowPolicy(t *testing.T) {
	t.Parallel()
	const (
		format = "Invalid value for the parameter RedriveAllowPolicy. Reason: Amazon SQS can't create the redrive allow policy, as it’s in an unsupported format."
		none   = "When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values."
		alone  = "To specify one or more source queue ARNs, you must set redrivePermission to byQueue."
		many   = "The maximum number of source queue ARNs you can specify is 10."
	)
	sources := func(n int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(`"`+sourceARN+`",`, n), ",") + "]"
	}
	for _, c := range []struct{ policy, reason string }{
		{`{"redrivePermission":"allowAll"}`, ""},
		{`{"redrivePermission":"denyAll"}`, ""},
		{`{ "redrivePermission": "byQueue", "sourceQueueArns": ` + sources(1) + ` }`, ""},
		{`{"redrivePermission":"byQueue","sourceQueueArns":` + sources(10) + `}`, ""},
		{"", ""},
		{`{"redrivePermission":"byQueue","sourceQueueArns":` + sources(11) + `}`, many},
		{`{"redrivePermission":"byQueue","sourceQueueArns":[]}`, none},
		{`{"redrivePermission":"byQueue"}`, none},
		{`{"redrivePermission":"allowAll","sourceQueueArns":` + sources(1) + `}`, alone},
		{`{"redrivePermission":"denyAll","sourceQueueArns":` + sources(1) + `}`, alone},
		{`{"redrivePermission":"byqueue"}`, format},
		{`{"redrivePermission":1}`, format},
		{`{"redrivePermission":"byQueue","sourceQueueArns":"` + sourceARN + `"}`, format},
		{`{"redrivePermission":"byQueue","sourceQueueArns":[1]}`, format},
		{`{"redrivePermission":"allowAll","more":1}`, format},
		{`{}`, format},
		{`[]`, format},
		{`null`, format},
		{`nonsense`, format},
	} {
		code, text := "", ""
		switch c.reason {
		case "":
		case format:
			code, text = CodeInvalidAttributeValue, format
		default:
			code = CodeInvalidParameterValue
			text = "Value " + c.policy + " for parameter RedriveAllowPolicy is invalid. Reason: Amazon SQS can't create the redrive allow policy. " + c.reason
		}
		e := newRegistry()
		q := mustCreate(t, e, "dead")
		refused(t, "RedriveAllowPolicy "+c.policy, e.SetAttributes(testNow, q, setting("RedriveAllowPolicy", c.policy)), code, text)
		if code == "" && q.Config.RedriveAllowPolicy != c.policy {
			t.Errorf("RedriveAllowPolicy %s: kept as %s", c.policy, q.Config.RedriveAllowPolicy)
		}
	}
}

// Closing a dead-letter queue leaves the policies that name it alone.
func TestRedriveAllowPolicyLater(t *testing.T) {
	t.Parallel()
	e := newRegistry()
	dead := mustCreate(t, e, "dead")
	q := mustCreate(t, e, "source", "RedrivePolicy", `{"deadLetterTargetArn":"`+deadARN+`","maxReceiveCount":3}`)
	refused(t, "deny", e.SetAttributes(testNow, dead, setting("RedriveAllowPolicy", `{"redrivePermission":"denyAll"}`)), "", "")
	refused(t, "another attribute", e.SetAttributes(testNow, q, setting("DelaySeconds", "1")), "", "")
	if q.Config.Redrive == nil || queueNames(e.Sources(dead)) != "source" {
		t.Errorf("the source lost its policy: %+v", q.Config)
	}
}
