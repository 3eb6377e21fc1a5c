package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxSources is how many queues a RedriveAllowPolicy can name.
const maxSources = 10

// text is the policy as SQS writes it; "" for none.
func (r *Redrive) text() string {
	if r == nil {
		return ""
	}
	return `{"deadLetterTargetArn":"` + r.Target.ARN() + `","maxReceiveCount":` + strconv.Itoa(r.Max) + `}`
}

func badRedrive(text, format string, args ...any) *Error {
	return Errorf(CodeInvalidParameterValue, "Value %s for parameter RedrivePolicy is invalid. Reason: %s", text, fmt.Sprintf(format, args...))
}

// setRedrive reads a RedrivePolicy. Whether its target exists and agrees is
// for Engine.checkRedrive to say.
func setRedrive(c *Config, text string) error {
	if text == "" {
		c.Redrive = nil
		return nil
	}
	r, err := parseRedrive(text)
	if err != nil {
		return err
	}
	c.Redrive = r
	return nil
}

func parseRedrive(text string) (*Redrive, error) {
	fields, ok := jsonMap(text)
	if !ok {
		return nil, Errorf(CodeInvalidAttributeValue, "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map.")
	}
	for _, name := range []string{"maxReceiveCount", "deadLetterTargetArn"} {
		if _, ok := fields[name]; !ok {
			return nil, badRedrive(text, "Redrive policy does not contain mandatory attribute: %s.", name)
		}
	}
	count := scalar(fields["maxReceiveCount"])
	n, ok := number(count, 1, 1000)
	if !ok {
		return nil, badRedrive(text, "Invalid value for maxReceiveCount: %s, valid values are from 1 to 1000 both inclusive.", count)
	}
	arn := scalar(fields["deadLetterTargetArn"])
	target, ok := ParseARN(arn)
	if !ok && foreignARN(arn) {
		return nil, badRedrive(text, "Only SQS queues are valid resources for deadLetterTargetArn.")
	}
	if !ok {
		return nil, badRedrive(text, "Invalid value for deadLetterTargetArn.")
	}
	if len(fields) > 2 {
		return nil, badRedrive(text, "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn].")
	}
	return &Redrive{Target: target, Max: n}, nil
}

// jsonMap reads a JSON object whose members stay as they are.
func jsonMap(text string) (map[string]json.RawMessage, bool) {
	var fields map[string]json.RawMessage
	err := json.Unmarshal([]byte(text), &fields)
	return fields, err == nil && fields != nil
}

// scalar is the content of a JSON string, or the text of any other value.
func scalar(raw json.RawMessage) string {
	var s *string
	if json.Unmarshal(raw, &s) == nil && s != nil {
		return *s
	}
	return string(raw)
}

// foreignARN reports whether s names something of another service than SQS.
func foreignARN(s string) bool {
	part := strings.SplitN(s, ":", 6)
	return len(part) == 6 && strings.HasPrefix(s, arnPrefix) && part[2] != "" && part[2] != "sqs" && part[5] != ""
}

// checkRedrive refuses a policy whose target is not there, is of the other
// type, or does not want this queue's messages; text is the policy as sent.
func (e *Engine) checkRedrive(source Name, c *Config, text string) error {
	name := c.Redrive.Target
	target := e.queues[name]
	switch {
	case name.Account != source.Account:
		return badRedrive(text, "Dead-letter target owner should be same as the source.")
	case name.Region != source.Region, target == nil:
		return badRedrive(text, "Dead letter target does not exist.")
	case target.Config.FIFO != c.FIFO:
		return badRedrive(text, "Dead-letter queue must be same type of queue as the source..")
	case !allowsSource(target.allowPolicy(source, c), source):
		return badRedrive(text, "Dead letter target does not allow this queue as a source.")
	}
	return nil
}

// allowPolicy is the RedriveAllowPolicy of q for source, which is about to have
// the configuration c and may be q itself.
func (q *Queue) allowPolicy(source Name, c *Config) string {
	if q.Name == source {
		return c.RedriveAllowPolicy
	}
	return q.Config.RedriveAllowPolicy
}

// redriveAllow is the content of a RedriveAllowPolicy.
type redriveAllow struct {
	Permission string
	Sources    []string
}

// allowsSource reports whether a queue with this valid RedriveAllowPolicy takes
// the messages of source.
func allowsSource(policy string, source Name) bool {
	if policy == "" {
		return true
	}
	allow, _ := parseRedriveAllow(policy)
	switch allow.Permission {
	case "denyAll":
		return false
	case "byQueue":
		return slices.Contains(allow.Sources, source.ARN())
	}
	return true
}

func setRedriveAllow(c *Config, text string) error {
	if text != "" {
		if err := checkRedriveAllow(text); err != nil {
			return err
		}
	}
	c.RedriveAllowPolicy = text
	return nil
}

func checkRedriveAllow(text string) error {
	allow, ok := parseRedriveAllow(text)
	var reason string
	switch byQueue := allow.Permission == "byQueue"; {
	case !ok:
		return Errorf(CodeInvalidAttributeValue, "Invalid value for the parameter RedriveAllowPolicy. Reason: Amazon SQS can't create the redrive allow policy, as it’s in an unsupported format.")
	case byQueue && len(allow.Sources) == 0:
		reason = "When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values."
	case !byQueue && allow.Sources != nil:
		reason = "To specify one or more source queue ARNs, you must set redrivePermission to byQueue."
	case len(allow.Sources) > maxSources:
		reason = "The maximum number of source queue ARNs you can specify is 10."
	default:
		return nil
	}
	return Errorf(CodeInvalidParameterValue, "Value %s for parameter RedriveAllowPolicy is invalid. Reason: Amazon SQS can't create the redrive allow policy. %s", text, reason)
}

// parseRedriveAllow reports whether the form is right, not the combination.
func parseRedriveAllow(text string) (allow redriveAllow, ok bool) {
	fields, ok := jsonMap(text)
	if !ok {
		return allow, false
	}
	for name, raw := range fields {
		var err error
		switch name {
		case "redrivePermission":
			err = json.Unmarshal(raw, &allow.Permission)
		case "sourceQueueArns":
			err = json.Unmarshal(raw, &allow.Sources)
		default:
			return allow, false
		}
		if err != nil {
			return allow, false
		}
	}
	return allow, slices.Contains([]string{"allowAll", "denyAll", "byQueue"}, allow.Permission)
}
