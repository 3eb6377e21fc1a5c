package wire

import "github.com/quayside-go/quayside/localqueue/internal/api"

// DecodeChange reads ChangeMessageVisibility, or DeleteMessage, which has no
// VisibilityTimeout.
func DecodeChange(doc []byte, c *api.Change) (queueURL api.Text, err error) {
	*c = api.Change{}
	s := scanner{doc: doc}
	for more := s.root(); more; more = s.next('}') {
		if name := s.name(); name == "QueueUrl" {
			queueURL = s.text()
		} else {
			s.changeMember(name, c)
		}
	}
	return queueURL, s.end()
}

// DecodeChangeBatch reads ChangeMessageVisibilityBatch or DeleteMessageBatch and
// appends its entries to dst[:0]. The error of far too many entries is the one
// that the rules have for it.
func DecodeChangeBatch(doc []byte, dst []api.Change) (entries []api.Change, queueURL api.Text, err error) {
	entries = dst[:0]
	s := scanner{doc: doc}
	for more := s.root(); more; more = s.next('}') {
		switch s.name() {
		case "QueueUrl":
			queueURL = s.text()
		case "Entries":
			entries = s.changeEntries(entries[:0])
		default:
			s.skip()
		}
	}
	return entries, queueURL, s.end()
}

func (s *scanner) changeEntries(list []api.Change) []api.Change {
	if s.null() {
		return list
	}
	n := 0
	for more := s.open('[', ']'); more; more = s.next(']') {
		if s.null() || s.tooMany(&n) {
			continue
		}
		var c api.Change
		for more := s.open('{', '}'); more; more = s.next('}') {
			if name := s.name(); name == "Id" {
				c.ID = s.text().S
			} else {
				s.changeMember(name, &c)
			}
		}
		list = append(list, c)
	}
	s.countEntries(n)
	return list
}

// changeMember reads a member that the calls and the entries of their batches
// share.
func (s *scanner) changeMember(name string, c *api.Change) {
	switch name {
	case "ReceiptHandle":
		c.Handle = s.text().S
	case "VisibilityTimeout":
		c.Visibility = s.integer()
	default:
		s.skip()
	}
}
