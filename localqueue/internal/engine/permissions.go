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
	q.Config.Policy = text
	q.Modified = max(q.Modified, now)
	e.note(now, q)
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

func setPolicy(c *Config, text string) error {
	if text != "" {
		if err := checkPolicy(text); err != nil {
			return err
		}
	}
	c.Policy = text
	return nil
}

// parsePolicy reports whether text has the outer form of a policy.
func parsePolicy(text string) (p policy, ok bool) {
	fields, ok := jsonMap(text)
	if !ok {
		return p, false
	}
	for name, raw := range fields {
		var err error
		switch name {
		case "Version":
			err = json.Unmarshal(raw, &p.Version)
		case "Id":
			err = json.Unmarshal(raw, &p.ID)
		case "Statement":
			p.Statement, ok = listOf(raw)
		default:
			ok = false
		}
		if err != nil || !ok {
			return p, false
		}
	}
	return p, len(p.Statement) > 0 && slices.Contains([]string{"", "2008-10-17", "2012-10-17"}, p.Version)
}

// listOf reads a list, or the one value that stands for it.
func listOf(raw json.RawMessage) (list []json.RawMessage, ok bool) {
	if len(raw) == 0 || raw[0] != '[' {
		return []json.RawMessage{raw}, len(raw) > 0
	}
	return list, json.Unmarshal(raw, &list) == nil
}

// index of the statement named label, or -1.
func (p *policy) index(label string) int {
	return slices.IndexFunc(p.Statement, func(raw json.RawMessage) bool {
		fields, _ := jsonMap(string(raw))
		return fields["Sid"] != nil && scalar(fields["Sid"]) == label
	})
}

// checkPolicy refuses what is no policy, and more than one may hold.
func checkPolicy(text string) error {
	p, ok := parsePolicy(text)
	if !ok {
		return invalidValue(attrPolicy)
	}
	principals, conditions := 0, 0
	for _, raw := range p.Statement {
		s, ok := weighStatement(raw)
		if !ok {
			return invalidValue(attrPolicy)
		}
		if s.actions > maxPolicyActions {
			return tooManyActions(s.actions)
		}
		principals += s.principals
		conditions += s.conditions
	}
	for _, part := range []struct {
		what   string
		n, max int
	}{
		{"statements", len(p.Statement), maxPolicyStatements},
		{"principals", principals, maxPolicyPrincipals},
		{"conditions", conditions, maxPolicyConditions},
		{"bytes", len(text), maxPolicyBytes},
	} {
		if part.n > part.max {
			return Errorf(CodeOverLimit, "%d %s were found in the submitted policy, max allowed is %d", part.n, part.what, part.max)
		}
	}
	return nil
}

func tooManyActions(n int) *Error {
	return Errorf(CodeOverLimit, "%d Actions were found, maximum allowed is %d.", n, maxPolicyActions)
}

// weight is how much of what is limited a statement has.
type weight struct{ principals, actions, conditions int }

// weighStatement reports whether raw has the form of a statement.
func weighStatement(raw json.RawMessage) (w weight, ok bool) {
	fields, ok := jsonMap(string(raw))
	if !ok {
		return w, false
	}
	for name, raw := range fields {
		switch name {
		case "Sid", "Resource", "NotResource":
		case "Effect":
			ok = scalar(raw) == "Allow" || scalar(raw) == "Deny"
		case "Action", "NotAction":
			var list []json.RawMessage
			list, ok = listOf(raw)
			w.actions += len(list)
		case "Principal", "NotPrincipal":
			var n int
			n, ok = countValues(raw)
			w.principals += n
		case "Condition":
			var n int
			n, ok = countConditions(raw)
			w.conditions += n
		default:
			ok = false
		}
		if !ok {
			return w, false
		}
	}
	return w, fields["Effect"] != nil && w.actions > 0
}

// countValues counts a principal: "*", or lists by kind.
func countValues(raw json.RawMessage) (n int, ok bool) {
	kinds, ok := jsonMap(string(raw))
	if !ok {
		return 1, scalar(raw) == "*"
	}
	for _, raw := range kinds {
		list, ok := listOf(raw)
		if !ok {
			return 0, false
		}
		n += len(list)
	}
	return n, true
}

// countConditions counts the keys below the operators of a condition.
func countConditions(raw json.RawMessage) (n int, ok bool) {
	operators, ok := jsonMap(string(raw))
	if !ok {
		return 0, false
	}
	for _, raw := range operators {
		keys, ok := jsonMap(string(raw))
		if !ok {
			return 0, false
		}
		n += len(keys)
	}
	return n, true
}
