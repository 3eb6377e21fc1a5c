package conformance

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// redrivePolicy is the policy that moves messages to dlq after n receives, as SQS words it.
func redrivePolicy(dlq *queue, n int) string {
	dlq.c.Helper()
	return policyText(dlq.arn(), fmt.Sprint(n))
}

// policyText words a policy whose count is given as JSON.
func policyText(arn, maxReceiveCount string) string {
	return fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%s}`, arn, maxReceiveCount)
}

// policyFault words the refusal of a policy.
func policyFault(policy, reason string) string {
	return "Value " + policy + " for parameter RedrivePolicy is invalid. Reason: " + reason
}

// wantPolicyRefused sets the policy on q, and creates a queue with it.
func wantPolicyRefused(q *queue, policy, code, text string) {
	q.c.Helper()
	q.c.wantError(q.trySet("RedrivePolicy", policy), code, text)
	name := "refused"
	if q.fifo {
		name += ".fifo"
	}
	_, err := q.c.tryQueue(name, "RedrivePolicy", policy)
	q.c.wantError(err, code, text)
	_, err = q.c.client.GetQueueUrl(q.c.ctx, &sqs.GetQueueUrlInput{QueueName: new(q.c.name(name))})
	q.c.wantError(err, nonExistentQueue, noSuchQueue)
}

var redrivePolicyCases = []testCase{
	{"redrive-policy/normalised", "1 RedrivePolicy", Exact, func(c *checker) {
		q, dlq := c.queue("orders"), c.queue("dlq")
		want := redrivePolicy(dlq, 5)
		for _, given := range []string{
			want,
			`{ "deadLetterTargetArn" : "` + dlq.arn() + `" , "maxReceiveCount" : 5 }`,
			`{"maxReceiveCount":"5","deadLetterTargetArn":"` + dlq.arn() + `"}`,
		} {
			q.set("RedrivePolicy", given)
			q.wantAttribute("RedrivePolicy", want)
		}
		c.queue("created", "RedrivePolicy", policyText(dlq.arn(), `"5"`)).wantAttribute("RedrivePolicy", want)
	}},
	{"redrive-policy/unset", "1 attributes", Exact, func(c *checker) {
		dlq := c.queue("dlq")
		q := c.queue("orders", "RedrivePolicy", redrivePolicy(dlq, 5))
		q.set("RedrivePolicy", "")
		q.wantAttribute("RedrivePolicy", "")
	}},
	{"redrive-policy/count-range", "1 RedrivePolicy", 0, func(c *checker) {
		q, dlq := c.queue("orders"), c.queue("dlq")
		q.set("RedrivePolicy", redrivePolicy(dlq, 1))
		q.set("RedrivePolicy", redrivePolicy(dlq, 1000))
		for _, n := range []int{0, 1001, -1} {
			p := redrivePolicy(dlq, n)
			wantPolicyRefused(q, p, invalidParameter, c.emulated(policyFault(p, fmt.Sprintf("Invalid value for maxReceiveCount: %d, valid values are from 1 to 1000 both inclusive.", n))))
		}
	}},
	{"redrive-policy/count-not-a-number", "1 RedrivePolicy", 0, func(c *checker) {
		q, dlq := c.queue("orders"), c.queue("dlq")
		for _, n := range []string{`"many"`, `""`, `"0"`} {
			wantPolicyRefused(q, policyText(dlq.arn(), n), invalidParameter, "")
		}
	}},
	{"redrive-policy/missing-member", "1 RedrivePolicy", 0, func(c *checker) {
		q, dlq := c.queue("orders"), c.queue("dlq")
		p := `{"deadLetterTargetArn":"` + dlq.arn() + `"}`
		wantPolicyRefused(q, p, invalidParameter, policyFault(p, "Redrive policy does not contain mandatory attribute: maxReceiveCount."))
		p = `{"maxReceiveCount":5}`
		wantPolicyRefused(q, p, invalidParameter, policyFault(p, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."))
	}},
	{"redrive-policy/unknown-member", "1 RedrivePolicy", Emulated, func(c *checker) {
		q, dlq := c.queue("orders"), c.queue("dlq")
		p := `{"deadLetterTargetArn":"` + dlq.arn() + `","maxReceiveCount":5,"colour":"red"}`
		wantPolicyRefused(q, p, invalidParameter, policyFault(p, "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn]."))
	}},
	{"redrive-policy/malformed-arn", "1 RedrivePolicy", 0, func(c *checker) {
		q := c.queue("orders")
		for _, arn := range []string{"dlq", "arn:aws:sqs"} {
			p := policyText(arn, "5")
			wantPolicyRefused(q, p, invalidParameter, policyFault(p, "Invalid value for deadLetterTargetArn."))
		}
	}},
	{"redrive-policy/not-an-sqs-arn", "1 RedrivePolicy", Emulated, func(c *checker) {
		q := c.queue("orders")
		p := policyText("arn:aws:sns:"+q.region()+":"+q.account()+":topic", "5")
		wantPolicyRefused(q, p, invalidParameter, policyFault(p, "Only SQS queues are valid resources for deadLetterTargetArn."))
	}},
	{"redrive-policy/unknown-target", "1 RedrivePolicy", 0, func(c *checker) {
		q := c.queue("orders")
		p := policyText(q.arn()+"-not-here", "5")
		wantPolicyRefused(q, p, invalidParameter, policyFault(p, "Dead letter target does not exist."))
	}},
	{"redrive-policy/other-owner", "1 RedrivePolicy", Emulated, func(c *checker) {
		q := c.queue("orders")
		p := policyText(strings.Replace(q.arn(), q.account(), otherAccount(q), 1), "5")
		wantPolicyRefused(q, p, invalidParameter, policyFault(p, "Dead-letter target owner should be same as the source."))
	}},
	{"redrive-policy/type-mismatch", "1 RedrivePolicy", 0, func(c *checker) {
		standard, fifo := c.queue("orders"), c.queue("orders.fifo")
		const reason = "Dead-letter queue must be same type of queue as the source.."
		p := redrivePolicy(fifo, 5)
		wantPolicyRefused(standard, p, invalidParameter, policyFault(p, reason))
		p = redrivePolicy(standard, 5)
		wantPolicyRefused(fifo, p, invalidParameter, policyFault(p, reason))
	}},
	{"redrive-policy/fifo-to-fifo", "1 RedrivePolicy", 0, func(c *checker) {
		dlq := c.queue("dlq.fifo")
		q := c.queue("orders.fifo", "RedrivePolicy", redrivePolicy(dlq, 2))
		q.wantAttribute("RedrivePolicy", redrivePolicy(dlq, 2))
	}},
	{"redrive-policy/not-json", "1 RedrivePolicy", Emulated, func(c *checker) {
		q := c.queue("orders")
		for _, p := range []string{"no policy", `["a"]`, `{"deadLetterTargetArn":`} {
			wantPolicyRefused(q, p, invalidAttribute, "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map.")
		}
	}},
	{"redrive-policy/self", "1 RedrivePolicy", 0, func(c *checker) {
		q := c.queue("orders")
		q.set("RedrivePolicy", redrivePolicy(q, 5))
		if c.has(Exact) {
			c.wantList(q.sources(), "orders")
		}
	}},
}

// byQueue words an allow policy for these sources.
func byQueue(arns ...string) string {
	return `{"redrivePermission":"byQueue","sourceQueueArns":["` + strings.Join(arns, `","`) + `"]}`
}

var redriveAllowPolicyCases = []testCase{
	{"redrive-allow-policy/returned-as-given", "1 RedriveAllowPolicy", Exact, func(c *checker) {
		q := c.queue("dlq")
		for _, p := range []string{
			`{"redrivePermission":"allowAll"}`,
			`{"redrivePermission":"denyAll"}`,
			`{"sourceQueueArns":["` + q.arn() + `"], "redrivePermission" : "byQueue"}`,
		} {
			q.set("RedriveAllowPolicy", p)
			q.wantAttribute("RedriveAllowPolicy", p)
		}
		p := `{"redrivePermission":"denyAll"}`
		c.queue("created", "RedriveAllowPolicy", p).wantAttribute("RedriveAllowPolicy", p)
	}},
	{"redrive-allow-policy/allow-all", "1 RedriveAllowPolicy", 0, func(c *checker) {
		dlq := c.queue("dlq", "RedriveAllowPolicy", `{"redrivePermission":"allowAll"}`)
		c.queue("orders", "RedrivePolicy", redrivePolicy(dlq, 5))
	}},
	{"redrive-allow-policy/deny-all", "1 RedriveAllowPolicy", 0, func(c *checker) {
		dlq := c.queue("dlq", "RedriveAllowPolicy", `{"redrivePermission":"denyAll"}`)
		wantPolicyRefused(c.queue("orders"), redrivePolicy(dlq, 5), invalidParameter, "")
	}},
	{"redrive-allow-policy/by-queue", "1 RedriveAllowPolicy", 0, func(c *checker) {
		friend, stranger := c.queue("friend"), c.queue("stranger")
		dlq := c.queue("dlq", "RedriveAllowPolicy", byQueue(friend.arn()))
		friend.set("RedrivePolicy", redrivePolicy(dlq, 5))
		wantPolicyRefused(stranger, redrivePolicy(dlq, 5), invalidParameter, "")
	}},
	{"redrive-allow-policy/by-queue-number", "1 RedriveAllowPolicy", 0, func(c *checker) {
		q := c.queue("dlq")
		var arns []string
		for i := range 11 {
			arns = append(arns, fmt.Sprintf("%s-%d", q.arn(), i))
		}
		q.set("RedriveAllowPolicy", byQueue(arns[:10]...))
		c.wantError(q.trySet("RedriveAllowPolicy", byQueue(arns...)), invalidParameter, "")
		c.wantError(q.trySet("RedriveAllowPolicy", `{"redrivePermission":"byQueue","sourceQueueArns":[]}`), invalidParameter, "")
		c.wantError(q.trySet("RedriveAllowPolicy", `{"redrivePermission":"byQueue"}`), invalidParameter, "")
	}},
	{"redrive-allow-policy/arns-without-by-queue", "1 RedriveAllowPolicy", 0, func(c *checker) {
		q := c.queue("dlq")
		p := `{"redrivePermission":"allowAll","sourceQueueArns":["` + q.arn() + `"]}`
		c.wantError(q.trySet("RedriveAllowPolicy", p), invalidParameter, "")
		_, err := c.tryQueue("other", "RedriveAllowPolicy", p)
		c.wantError(err, invalidParameter, "")
	}},
	{"redrive-allow-policy/arns-with-deny-all", "1 RedriveAllowPolicy", Emulated, func(c *checker) {
		q := c.queue("dlq")
		c.wantError(q.trySet("RedriveAllowPolicy", `{"redrivePermission":"denyAll","sourceQueueArns":["`+q.arn()+`"]}`), invalidParameter, "")
	}},
	{"redrive-allow-policy/unknown-permission", "1 RedriveAllowPolicy", Emulated, func(c *checker) {
		c.wantRefused(c.queue("dlq").trySet("RedriveAllowPolicy", `{"redrivePermission":"sometimes"}`))
	}},
}
