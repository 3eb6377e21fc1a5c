package engine

import (
	"fmt"
	"strings"
	"testing"
)

func TestPermissions(t *testing.T) {
	t.Parallel()
	e := newRegistry()
	q := mustCreate(t, e, "q")
	const (
		head  = `{"Version":"2008-10-17","Id":"arn:aws:sqs:eu-west-1:123456789012:q/SQSDefaultPolicy","Statement":[`
		one   = `{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"SQS:SendMessage","Resource":"arn:aws:sqs:eu-west-1:123456789012:q"}`
		two   = `{"Sid":"two","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root","arn:aws:iam::444455556666:root"]},"Action":["SQS:ReceiveMessage","SQS:*"],"Resource":"arn:aws:sqs:eu-west-1:123456789012:q"}`
		taken = "Value one for parameter Label is invalid. Reason: Already exists."
		lost  = "Value two for parameter Label is invalid. Reason: can't find label."
	)
	is := func(what, want string) {
		t.Helper()
		if q.Config.Policy != want {
			t.Errorf("%s: policy\n     %s\nwant %s", what, q.Config.Policy, want)
		}
	}
	refused(t, "remove from none", e.RemovePermission(testNow, q, "two"), CodeInvalidParameterValue, lost)
	refused(t, "add one", e.AddPermission(testNow+second, q, "one", []string{"111122223333"}, []string{"SendMessage"}), "", "")
	is("one", head+one+"]}")
	if q.Modified != testNow+second {
		t.Errorf("Modified = %d, want a second after %d", q.Modified, testNow)
	}
	refused(t, "add one again", e.AddPermission(testNow, q, "one", []string{"111122223333"}, []string{"*"}), CodeInvalidParameterValue, taken)
	refused(t, "remove two", e.RemovePermission(testNow, q, "two"), CodeInvalidParameterValue, lost)
	refused(t, "add two", e.AddPermission(testNow, q, "two", []string{"111122223333", "444455556666"}, []string{"ReceiveMessage", "*"}), "", "")
	is("one and two", head+one+","+two+"]}")
	refused(t, "remove one", e.RemovePermission(testNow, q, "one"), "", "")
	is("two", head+two+"]}")
	refused(t, "remove two", e.RemovePermission(testNow, q, "two"), "", "")
	is("none", "")
}

// A policy that was set directly is added to; what it said stays.
func TestAddPermissionToPolicy(t *testing.T) {
	t.Parallel()
	e := newRegistry()
	q := mustCreate(t, e, "q", "Policy",
		`{ "Version": "2012-10-17", "Statement": { "Sid": "mine", "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "<else>" } }`)
	refused(t, "a taken label", e.AddPermission(testNow, q, "mine", []string{"111122223333"}, []string{"*"}), CodeInvalidParameterValue, "Value mine for parameter Label is invalid. Reason: Already exists.")
	refused(t, "add", e.AddPermission(testNow, q, "more", []string{"111122223333"}, []string{"*"}), "", "")
	const want = `{"Version":"2012-10-17","Statement":[{"Sid":"mine","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"<else>"},` +
		`{"Sid":"more","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"SQS:*","Resource":"arn:aws:sqs:eu-west-1:123456789012:q"}]}`
	if q.Config.Policy != want {
		t.Errorf("policy\n     %s\nwant %s", q.Config.Policy, want)
	}
}

func TestAddPermissionRefused(t *testing.T) {
	t.Parallel()
	account, action := []string{"111122223333"}, []string{"SendMessage"}
	label := func(l string) string {
		return "Value " + l + " for parameter Label is invalid. Reason: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length."
	}
	unlisted := func(a string) string {
		return "Value SQS:" + a + " for parameter ActionName is invalid. Reason: Please refer to the appropriate WSDL for a list of valid actions."
	}
	for _, c := range []struct {
		what, label       string
		accounts, actions []string
		code, text        string
	}{
		{"seven", "l", account, []string{"*", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "PurgeQueue", "ReceiveMessage"}, "", ""},
		{"eight, before what they are", "l", account, strings.Split("a b c d e f g h", " "), CodeOverLimit, "8 Actions were found, maximum allowed is 7."},
		{"no label", "", account, action, CodeInvalidParameterValue, label("")},
		{"a bad label", "a b", account, action, CodeInvalidParameterValue, label("a b")},
		{"a label of 81", strings.Repeat("l", 81), account, action, CodeInvalidParameterValue, label(strings.Repeat("l", 81))},
		{"a label of 80", strings.Repeat("l", 80), account, action, "", ""},
		{"a batch", "l", account, []string{"SendMessageBatch"}, CodeInvalidParameterValue, unlisted("SendMessageBatch")},
		{"nonsense", "l", account, []string{"SendMessage", "Nonsense"}, CodeInvalidParameterValue, unlisted("Nonsense")},
		{"with the prefix", "l", account, []string{"SQS:SendMessage"}, CodeInvalidParameterValue, unlisted("SQS:SendMessage")},
		{"the owner's", "l", account, []string{"DeleteQueue"}, CodeInvalidParameterValue, "Value SQS:DeleteQueue for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action."},
		{"no action", "l", account, nil, CodeMissingParameter, "The request must contain the parameter Actions."},
		{"no account", "l", nil, action, CodeInvalidParameterValue, "Value [] for parameter PrincipalId is invalid. Reason: Unable to verify."},
		{"a bad account", "l", []string{"111122223333", "me"}, action, CodeInvalidParameterValue, "Value me for parameter PrincipalId is invalid. Reason: Unable to verify principal."},
		{"a short account", "l", []string{"11112222333"}, action, CodeInvalidParameterValue, "Value 11112222333 for parameter PrincipalId is invalid. Reason: Unable to verify principal."},
	} {
		e := newRegistry()
		q := mustCreate(t, e, "q")
		err := e.AddPermission(testNow, q, c.label, c.accounts, c.actions)
		refused(t, c.what, err, c.code, c.text)
		if (q.Config.Policy == "") != (err != nil) {
			t.Errorf("%s: policy %q beside error %v", c.what, q.Config.Policy, err)
		}
	}
}

func TestAddPermissionLimits(t *testing.T) {
	t.Parallel()
	fifty := make([]string, 50)
	for i := range fifty {
		fifty[i] = fmt.Sprintf("%012d", i)
	}
	e := newRegistry()
	q := mustCreate(t, e, "q")
	for i := range 20 {
		refused(t, fmt.Sprint("statement ", i), e.AddPermission(testNow, q, fmt.Sprint("l", i), fifty[:1], []string{"*"}), "", "")
	}
	before := q.Config.Policy
	err := e.AddPermission(testNow, q, "l20", fifty[:1], []string{"*"})
	refused(t, "21 statements", err, CodeOverLimit, "21 statements were found in the submitted policy, max allowed is 20")
	if q.Config.Policy != before {
		t.Errorf("refused, and yet the policy is %s", q.Config.Policy)
	}

	q = mustCreate(t, e, "principals")
	refused(t, "50 principals", e.AddPermission(testNow, q, "all", fifty, []string{"*"}), "", "")
	err = e.AddPermission(testNow, q, "more", fifty[:1], []string{"*"})
	refused(t, "51 principals", err, CodeOverLimit, "51 principals were found in the submitted policy, max allowed is 50")
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":[` + s + `]}` }
	repeat := func(s string, n int) string { return strings.TrimSuffix(strings.Repeat(s+",", n), ",") }
	const (
		deny = `{"Effect":"Deny","Principal":"*","Action":"sqs:*"}`
		bad  = "Invalid value for the parameter Policy."
	)
	principals := func(n int) string {
		return `{"Effect":"Allow","Principal":{"AWS":[` + repeat(`"1"`, n) + `],"Service":"s"},"Action":"sqs:*"}`
	}
	actions := func(n int) string {
		return `{"Effect":"Allow","Principal":"*","Action":[` + repeat(`"sqs:*"`, n) + `]}`
	}
	condition := `{"Effect":"Allow","Principal":"*","Action":"sqs:*","Condition":{"StringEquals":{"a":"1","b":["2","3"]},"Bool":{"c":"true"}}}`
	long := func(n int) string {
		s := statement(`{"Sid":"","Effect":"Deny","Principal":"*","Action":"sqs:*"}`)
		return strings.Replace(s, `"Sid":""`, `"Sid":"`+strings.Repeat("s", n-len(s))+`"`, 1)
	}
	for _, c := range []struct{ policy, code, text string }{
		{statement(deny), "", ""},
		{`{"Statement":` + deny + `}`, "", ""},
		{`{"Id":"x","Version":"2008-10-17","Statement":` + deny + `}`, "", ""},
		{statement(condition), "", ""},
		{statement(repeat(deny, 20)), "", ""},
		{statement(repeat(deny, 21)), CodeOverLimit, "21 statements were found in the submitted policy, max allowed is 20"},
		{statement(principals(49)), "", ""},
		{statement(principals(50)), CodeOverLimit, "51 principals were found in the submitted policy, max allowed is 50"},
		{statement(actions(7)), "", ""},
		{statement(actions(8)), CodeOverLimit, "8 Actions were found, maximum allowed is 7."},
		{statement(repeat(condition, 3)), "", ""},
		{statement(repeat(condition, 4)), CodeOverLimit, "12 conditions were found in the submitted policy, max allowed is 10"},
		{long(8192), "", ""},
		{long(8193), CodeOverLimit, "8193 bytes were found in the submitted policy, max allowed is 8192"},
		{"nonsense", CodeInvalidAttributeValue, bad},
		{"{}", CodeInvalidAttributeValue, bad},
		{"[]", CodeInvalidAttributeValue, bad},
		{"null", CodeInvalidAttributeValue, bad},
		{statement(""), CodeInvalidAttributeValue, bad},
		{statement("1"), CodeInvalidAttributeValue, bad},
		{statement("{}"), CodeInvalidAttributeValue, bad},
		{`{"Statement":null}`, CodeInvalidAttributeValue, bad},
		{`{"Statement":` + deny + `,"More":1}`, CodeInvalidAttributeValue, bad},
		{`{"Version":"2020-01-01","Statement":` + deny + `}`, CodeInvalidAttributeValue, bad},
		{`{"Version":1,"Statement":` + deny + `}`, CodeInvalidAttributeValue, bad},
		{statement(`{"Effect":"Maybe","Principal":"*","Action":"sqs:*"}`), CodeInvalidAttributeValue, bad},
		{statement(`{"Principal":"*","Action":"sqs:*"}`), CodeInvalidAttributeValue, bad},
		{statement(`{"Effect":"Deny","Principal":"*"}`), CodeInvalidAttributeValue, bad},
		{statement(`{"Effect":"Deny","Principal":"me","Action":"sqs:*"}`), CodeInvalidAttributeValue, bad},
		{statement(`{"Effect":"Deny","Principal":"*","Action":"sqs:*","Condition":1}`), CodeInvalidAttributeValue, bad},
		{statement(`{"Effect":"Deny","Principal":"*","Action":"sqs:*","Condition":{"Bool":1}}`), CodeInvalidAttributeValue, bad},
		{statement(`{"Effect":"Deny","Principal":"*","Action":"sqs:*","More":1}`), CodeInvalidAttributeValue, bad},
	} {
		e := newRegistry()
		q := mustCreate(t, e, "q")
		refused(t, fmt.Sprintf("Policy %.300s", c.policy), e.SetAttributes(testNow, q, setting("Policy", c.policy)), c.code, c.text)
		if c.code == "" && q.Config.Policy != c.policy {
			t.Errorf("Policy %s: kept as %s", c.policy, q.Config.Policy)
		}
	}
}
