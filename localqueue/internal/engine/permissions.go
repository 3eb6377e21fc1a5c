package engine

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// Limits of a queue's access policy.
const (
	maxPolicyBytes      = 8192
	maxPolicyStatements = 20
	maxPolicyPrincipals = 50
	maxPolicyConditions = 10
	maxPolicyActions    = 7 // of a statement
)

// grantable are the actions that a queue's owner can permit others; each covers
// its batch form. The rest of the actions are the owner's own.
var grantable = []string{"*", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl",
	"ListDeadLetterSourceQueues", "PurgeQueue", "ReceiveMessage", "SendMessage"}

var ownersOnly = []string{"AddPermission", "CancelMessageMoveTask", "CreateQueue", "DeleteQueue", "ListMessageMoveTasks",
	"ListQueues", "ListQueueTags", "RemovePermission", "SetQueueAttributes", "StartMessageMoveTask", "TagQueue", "UntagQueue"}

// policy is an access policy: stored and edited here, not evaluated. Its
// statements stay as they were written.
type policy struct {
	Version   string `json:",omitempty"`
	ID        string `json:"Id,omitempty"`
	Statement []json.RawMessage
}

// grant is a statement as AddPermission writes it.
type grant struct {
	Sid, Effect string
	Principal   struct{ AWS any }
	Action      any
	Resource    string
}

// AddPermission adds a statement, named label, to the policy of q.
func (e *Engine) AddPermission(now Time, q *Queue, label string, accounts, actions []string) error {
	if err := checkPermission(label, accounts, actions); err != nil {
		return err
	}
	p := policy{Version: "2008-10-17", ID: q.Name.ARN() + "/SQSDefaultPolicy"}
	if q.Config.Policy != "" {
		p, _ = parsePolicy(q.Config.Policy)
	}
	if p.index(label) >= 0 {
		return Errorf(CodeInvalidParameterValue, "Value %s for parameter Label is invalid. Reason: Already exists.", label)
	}
	p.Statement = append(p.Statement, compactJSON(newGrant(q.Name.ARN(), label, accounts, actions)))
	text := string(compactJSON(p))
	if err := checkPolicy(text); err != nil {
		return err
	}
	e.replacePolicy(now, q, text)
	return nil
}

// RemovePermission removes the statement named label; the last one takes the
// policy with it.
func (e *Engine) RemovePermission(now Time, q *Queue, label string) error {
	var p policy
	if q.Config.Policy != "" {
		p, _ = parsePolicy(q.Config.Policy)
	}
	i := p.index(label)
	if i < 0 {
		return Errorf(CodeInvalidParameterValue, "Value %s for parameter Label is invalid. Reason: can't find label.", label)
	}
	p.Statement = slices.Delete(p.Statement, i, i+1)
	text := ""
	if len(p.Statement) > 0 {
		text = string(compactJSON(p))
	}
	e.replacePolicy(now, q, text)
	return nil
}

func (e *Engine) replacePolicy(now Time, q *Queue, text string) {
	e.change(now, q, func() {
		q.Config.Policy = text
		q.Modified = max(q.Modified, now)
	})
}

func checkPermission(label string, accounts, actions []string) error {
	if !validLabel(label) {
		return Errorf(CodeInvalidParameterValue, "Value %s for parameter Label is invalid. Reason: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.", label)
	}
	if len(actions) == 0 {
		return Errorf(CodeMissingParameter, "The request must contain the parameter Actions.")
	}
	if len(actions) > maxPolicyActions {
		return tooManyActions(len(actions))
	}
	for _, action := range actions {
		switch {
		case slices.Contains(grantable, action):
		case slices.Contains(ownersOnly, action):
			return Errorf(CodeInvalidParameterValue, "Value SQS:%s for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action.", action)
		default:
			return Errorf(CodeInvalidParameterValue, "Value SQS:%s for parameter ActionName is invalid. Reason: Please refer to the appropriate WSDL for a list of valid actions.", action)
		}
	}
	if len(accounts) == 0 {
		return Errorf(CodeInvalidParameterValue, "Value [] for parameter PrincipalId is invalid. Reason: Unable to verify.")
	}
	for _, account := range accounts {
		if len(account) != 12 || strings.Trim(account, "0123456789") != "" {
			return Errorf(CodeInvalidParameterValue, "Value %s for parameter PrincipalId is invalid. Reason: Unable to verify principal.", account)
		}
	}
	return nil
}

func newGrant(arn, label string, accounts, actions []string) *grant {
	g := &grant{Sid: label, Effect: "Allow", Resource: arn}
	g.Principal.AWS = oneOrList("arn:aws:iam::", accounts, ":root")
	g.Action = oneOrList("SQS:", actions, "")
	return g
}

// oneOrList is how a policy writes a list: one value stands alone.
func oneOrList(prefix string, values []string, suffix string) any {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = prefix + v + suffix
	}
	if len(list) == 1 {
		return list[0]
	}
	return list
}

// compactJSON encodes v without escaping HTML.
func compactJSON(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // v is made of strings and of JSON that was read before
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
