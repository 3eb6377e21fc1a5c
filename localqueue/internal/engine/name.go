package engine

import (
	"cmp"
	"strings"
)

// Name says which queue of all: the same name in two regions is two queues.
type Name struct{ Account, Region, Queue string }

const (
	arnPrefix  = "arn:aws:"
	fifoSuffix = ".fifo"
)

// ARN is the queue's Amazon Resource Name.
func (n Name) ARN() string {
	return arnPrefix + "sqs:" + n.Region + ":" + n.Account + ":" + n.Queue
}

// ParseARN is the inverse of Name.ARN.
func ParseARN(s string) (Name, bool) {
	part := strings.Split(s, ":")
	if len(part) != 6 || !strings.HasPrefix(s, arnPrefix+"sqs:") {
		return Name{}, false
	}
	n := Name{Region: part[3], Account: part[4], Queue: part[5]}
	return n, n.Region != "" && n.Account != "" && validQueue(n.Queue)
}

func (n Name) compare(m Name) int {
	return cmp.Or(cmp.Compare(n.Queue, m.Queue), cmp.Compare(n.Region, m.Region), cmp.Compare(n.Account, m.Account))
}

// validLabel: 1-80 of [A-Za-z0-9_-].
func validLabel(s string) bool {
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-':
		default:
			return false
		}
	}
	return 1 <= len(s) && len(s) <= 80
}

// validQueue reports whether a queue of either type can have this name.
func validQueue(s string) bool {
	return validLabel(strings.TrimSuffix(s, fifoSuffix)) && len(s) <= 80
}

// checkName refuses names that a new queue cannot have. FifoQueue=true and the
// suffix go together.
func checkName(queue string, attributes map[string]string) error {
	if !strings.EqualFold(attributes[attrFifoQueue], "true") {
		if !validLabel(queue) {
			return Errorf(CodeInvalidParameterValue, "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
		}
		return nil
	}
	if !strings.HasSuffix(queue, fifoSuffix) || !validQueue(queue) {
		return Errorf(CodeInvalidParameterValue, "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length")
	}
	return nil
}
