package conformance

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func (q *queue) tryPermit(label string, accounts []string, actions ...string) error {
	_, err := q.c.client.AddPermission(q.c.ctx, &sqs.AddPermissionInput{QueueUrl: &q.url, Label: &label, AWSAccountIds: accounts, Actions: actions})
	return err
}

func (q *queue) permit(label string, accounts []string, actions ...string) {
	q.c.Helper()
	q.c.do(q.tryPermit(label, accounts, actions...))
}

func (q *queue) tryForbid(label string) error {
	_, err := q.c.client.RemovePermission(q.c.ctx, &sqs.RemovePermissionInput{QueueUrl: &q.url, Label: &label})
	return err
}

// statement is what AddPermission makes of a label, as decoded JSON.
func (q *queue) statement(label string, principal, action any) map[string]any {
	return map[string]any{
		"Sid": label, "Effect": "Allow", "Resource": q.arn(),
		"Principal": map[string]any{"AWS": principal},
		"Action":    action,
	}
}

func root(account string) string { return "arn:aws:iam::" + account + ":root" }

// wantPolicy compares the queue's policy with a default policy of these statements.
func (q *queue) wantPolicy(statements ...any) {
	q.c.Helper()
	want := map[string]any{"Version": "2008-10-17", "Id": q.arn() + "/SQSDefaultPolicy", "Statement": statements}
	var got map[string]any
	text := q.attribute("Policy")
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		q.c.Fatalf("Policy of %s: got %q, want JSON: %v", q.name, text, err)
	}
	list, _ := got["Statement"].([]any)
	for _, s := range list { // several principals come in any order
		if m, is := s.(map[string]any); is {
			if p, is := m["Principal"].(map[string]any); is {
				if ids, is := p["AWS"].([]any); is {
					slices.SortFunc(ids, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
				}
			}
		}
	}
	if !reflect.DeepEqual(got, want) {
		w, _ := json.Marshal(want)
		q.c.Errorf("Policy of %s:\n got %s\nwant %s", q.name, text, w)
	}
}

// equalJSON compares two JSON texts by their meaning.
func equalJSON(c *checker, what, got, want string) {
	c.Helper()
	var g, w any
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		c.Errorf("%s\n%s: got %q, want JSON: %v", c.trace.last(), what, got, err)
		return
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		c.Fatal(err)
	}
	if !reflect.DeepEqual(g, w) {
		c.Errorf("%s\n%s:\n got %s\nwant %s", c.trace.last(), what, got, want)
	}
}

const (
	labelTaken   = " for parameter Label is invalid. Reason: Already exists."
	labelUnknown = " for parameter Label is invalid. Reason: can't find label."
	actionRefuse = " for parameter ActionName is invalid. Reason: Please refer to the appropriate WSDL for a list of valid actions."
	noPrincipal  = " for parameter PrincipalId is invalid. Reason: Unable to verify principal."
)

var permissionCases = []testCase{
	{"permissions/add-one", "1 AddPermission", Exact, func(c *checker) {
		q := c.queue("orders")
		q.permit("l", []string{q.account()}, "SendMessage")
		q.wantPolicy(q.statement("l", root(q.account()), "SQS:SendMessage"))
	}},
	{"permissions/add-several", "1 AddPermission", Exact | Emulated, func(c *checker) { // invented accounts
		q := c.queue("orders")
		q.permit("l", []string{"111122223333", "444455556666"}, "SendMessage", "ReceiveMessage")
		q.wantPolicy(q.statement("l", []any{root("111122223333"), root("444455556666")}, []any{"SQS:SendMessage", "SQS:ReceiveMessage"}))
	}},
	{"permissions/add-all-actions", "1 AddPermission", Exact, func(c *checker) {
		q := c.queue("orders")
		q.permit("l", []string{q.account()}, "*")
		q.wantPolicy(q.statement("l", root(q.account()), "SQS:*"))
	}},
	{"permissions/labels-append", "1 AddPermission", Exact, func(c *checker) {
		q := c.queue("orders")
		me := []string{q.account()}
		q.permit("one", me, "SendMessage")
		q.permit("two", me, "ReceiveMessage")
		q.permit("three", me, "GetQueueUrl")
		q.wantPolicy(
			q.statement("one", root(q.account()), "SQS:SendMessage"),
			q.statement("two", root(q.account()), "SQS:ReceiveMessage"),
			q.statement("three", root(q.account()), "SQS:GetQueueUrl"),
		)
		c.do(q.tryForbid("two"))
		q.wantPolicy(
			q.statement("one", root(q.account()), "SQS:SendMessage"),
			q.statement("three", root(q.account()), "SQS:GetQueueUrl"),
		)
	}},
	{"permissions/remove-last", "1 RemovePermission", Exact, func(c *checker) {
		q := c.queue("orders")
		q.permit("l", []string{q.account()}, "SendMessage")
		c.do(q.tryForbid("l"))
		if got := q.attributes("Policy"); got != nil {
			c.Errorf("%s\nwant no Policy once its last statement is removed", c.trace.last())
		}
	}},
	{"permissions/label-taken", "1 AddPermission", Exact, func(c *checker) {
		q := c.queue("orders")
		q.permit("l", []string{q.account()}, "SendMessage")
		c.wantError(q.tryPermit("l", []string{q.account()}, "ReceiveMessage"), invalidParameter, "Value l"+labelTaken)
		q.wantPolicy(q.statement("l", root(q.account()), "SQS:SendMessage"))
	}},
	{"permissions/label-unknown", "1 RemovePermission", 0, func(c *checker) {
		q := c.queue("orders")
		c.wantError(q.tryForbid("l"), invalidParameter, "Value l"+labelUnknown)
		q.permit("other", []string{q.account()}, "SendMessage")
		c.wantError(q.tryForbid("l"), invalidParameter, "Value l"+labelUnknown)
	}},
	{"permissions/label-characters", "1 AddPermission", 0, func(c *checker) {
		q := c.queue("orders")
		q.permit("Az09_-"+strings.Repeat("x", 74), []string{q.account()}, "SendMessage")
		for _, label := range []string{"", "a b", "a.b", "ä", strings.Repeat("x", 81)} {
			c.wantError(q.tryPermit(label, []string{q.account()}, "SendMessage"), invalidParameter, "")
		}
	}},
	{"permissions/actions-of-the-model", "1 AddPermission", 0, func(c *checker) {
		q := c.queue("orders")
		for i, a := range []string{"SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes", "GetQueueUrl", "PurgeQueue", "ListDeadLetterSourceQueues"} {
			q.permit(fmt.Sprint("l", i), []string{q.account()}, a)
		}
	}},
	{"permissions/batch-action", "1 AddPermission", 0, func(c *checker) {
		q := c.queue("orders")
		for _, a := range []string{"SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"} {
			c.wantError(q.tryPermit("l", []string{q.account()}, a), invalidParameter, "Value SQS:"+a+actionRefuse)
		}
	}},
	{"permissions/unknown-action", "1 AddPermission", Emulated, func(c *checker) {
		q := c.queue("orders")
		c.wantError(q.tryPermit("l", []string{q.account()}, "MakeCoffee"), invalidParameter, "Value SQS:MakeCoffee"+actionRefuse)
	}},
	{"permissions/too-many-actions", "1 AddPermission", 0, func(c *checker) {
		q := c.queue("orders")
		seven := []string{"SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes", "GetQueueUrl", "PurgeQueue"}
		q.permit("seven", []string{q.account()}, seven...)
		err := q.tryPermit("eight", []string{q.account()}, append(seven, "ListDeadLetterSourceQueues")...)
		c.wantError(err, overLimit, c.emulated("8 Actions were found, maximum allowed is 7."))
	}},
	{"permissions/unknown-principal", "1 AddPermission", 0, func(c *checker) {
		q := c.queue("orders")
		c.wantError(q.tryPermit("l", []string{"somebody"}, "SendMessage"), invalidParameter, "Value somebody"+noPrincipal)
		c.wantError(q.tryPermit("l", []string{"1234"}, "SendMessage"), invalidParameter, "Value 1234"+noPrincipal)
	}},
	{"permissions/policy-of-ones-own", "1 AddPermission", Exact | Emulated, func(c *checker) {
		q := c.queue("orders")
		const resource = "arn:aws:sqs:us-east-1:111122223333:elsewhere" // may be another queue
		own := `{"Sid":"mine","Effect":"Allow","Principal":{"AWS":"` + root(q.account()) + `"},"Action":"SQS:SendMessage","Resource":"` + resource + `"}`
		q.set("Policy", `{"Version":"2008-10-17","Id":"mine","Statement":[`+own+`]}`)
		q.permit("l", []string{q.account()}, "ReceiveMessage")
		added, _ := json.Marshal(q.statement("l", root(q.account()), "SQS:ReceiveMessage"))
		equalJSON(c, "Policy", q.attribute("Policy"), `{"Version":"2008-10-17","Id":"mine","Statement":[`+own+`,`+string(added)+`]}`)
		c.wantError(q.tryPermit("mine", []string{q.account()}, "SendMessage"), invalidParameter, "Value mine"+labelTaken)
		c.do(q.tryForbid("mine"))
		equalJSON(c, "Policy", q.attribute("Policy"), `{"Version":"2008-10-17","Id":"mine","Statement":[`+string(added)+`]}`)
	}},
	{"permissions/policy-quotas", "1 AddPermission", Emulated, func(c *checker) {
		q := c.queue("orders")
		for i := range 20 {
			q.permit(fmt.Sprint("l", i), []string{"111122223333"}, "SendMessage")
		}
		c.wantRefused(q.tryPermit("l20", []string{"111122223333"}, "SendMessage")) // the 21st statement

		other := c.queue("other")
		var accounts []string
		for i := range 51 {
			accounts = append(accounts, fmt.Sprintf("1111222233%02d", i))
		}
		other.permit("fifty", accounts[:50], "SendMessage")
		c.do(other.tryForbid("fifty"))
		c.wantRefused(other.tryPermit("all", accounts, "SendMessage"))
	}},
}
