package api

import (
	"strings"
)

// Check validates the numbers and the attempt id of a receive.
func (r *Receive) Check(fifo bool) error {
	if n := r.Max; n.Set && (n.N < 1 || n.N > 10) {
		return invalid("Value %d for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.", n.N)
	}
	if n := r.Wait; n.Set && (n.N < 0 || n.N > 20) {
		return invalid("Value %d for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.", n.N)
	}
	if n := r.Visibility; n.Set && (n.N < 0 || n.N > 43200) {
		return invalid("Value %d for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, if provided.", n.N)
	}
	if r.Attempt.Set && !fifo {
		return wrongKind("ReceiveRequestAttemptId", r.Attempt.S)
	}
	if r.Attempt.Set {
		return checkID("ReceiveRequestAttemptId", r.Attempt.S)
	}
	return nil
}

// Wants reports whether MessageAttributeNames asks for the attribute name.
func Wants(filters []string, name string) bool {
	for _, f := range filters {
		if f == "All" || f == ".*" || f == "*" || f == name {
			return true
		}
		if p, ok := strings.CutSuffix(f, ".*"); ok && strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// Filter keeps the attributes that MessageAttributeNames asks for, in the memory
// of all.
func Filter(filters []string, all []Attribute) []Attribute {
	kept := all[:0]
	for _, a := range all {
		if Wants(filters, a.Name) {
			kept = append(kept, a)
		}
	}
	return kept
}

// System says which system attributes a receive asked for.
type System uint16

// The system attributes of a message.
const (
	WantSenderID System = 1 << iota
	WantSentTimestamp
	WantReceiveCount
	WantFirstReceive
	WantTraceHeader
	WantSequenceNumber
	WantDeduplicationID
	WantGroupID
	WantDeadLetterSource
)

var systemNames = map[string]System{
	"All":                              1<<16 - 1,
	"SenderId":                         WantSenderID,
	"SentTimestamp":                    WantSentTimestamp,
	"ApproximateReceiveCount":          WantReceiveCount,
	"ApproximateFirstReceiveTimestamp": WantFirstReceive,
	"AWSTraceHeader":                   WantTraceHeader,
	"SequenceNumber":                   WantSequenceNumber,
	"MessageDeduplicationId":           WantDeduplicationID,
	"MessageGroupId":                   WantGroupID,
	"DeadLetterQueueSourceArn":         WantDeadLetterSource,
}

// ParseSystem reads the names asked for; unknown ones are ignored.
func ParseSystem(names []string) (want System) {
	for _, n := range names {
		want |= systemNames[n]
	}
	return want
}
