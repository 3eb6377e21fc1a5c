package engine

import (
	"encoding/json"
	"slices"
)

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
