package wire

import "github.com/quayside-go/quayside/localqueue/internal/api"

// DecodeReceive reads ReceiveMessage. AttributeNames and then
// MessageSystemAttributeNames are in r.SystemAttributes.
func DecodeReceive(doc []byte, r *api.Receive) (queueURL api.Text, err error) {
	*r = api.Receive{SystemAttributes: r.SystemAttributes[:0], Attributes: r.Attributes[:0]}
	var system [2]int // where the last list of either name begins, 0 of one that is absent
	s := scanner{doc: doc}
	for more := s.root(); more; more = s.next('}') {
		switch s.name() {
		case "QueueUrl":
			queueURL = s.text()
		case "MaxNumberOfMessages":
			r.Max = s.integer()
		case "VisibilityTimeout":
			r.Visibility = s.integer()
		case "WaitTimeSeconds":
			r.Wait = s.integer()
		case "ReceiveRequestAttemptId":
			r.Attempt = s.text()
		case "MessageAttributeNames":
			r.Attributes = s.texts(r.Attributes[:0])
		case "AttributeNames":
			s.later(&system[0])
		case "MessageSystemAttributeNames":
			s.later(&system[1])
		default:
			s.skip()
		}
	}
	if err := s.end(); err != nil {
		return queueURL, err
	}
	for _, at := range system {
		if at > 0 && s.err == nil {
			s.at = at
			r.SystemAttributes = s.texts(r.SystemAttributes)
		}
	}
	return queueURL, s.err
}

// later skips a list of strings that is read once the whole document has been, and
// notes in at where it begins. The one that it takes the place of is read now,
// since that too must be a list of strings; to read is to change what is read, so
// none is read twice.
func (s *scanner) later(at *int) {
	before := *at
	*at = s.at
	s.skip()
	if here := s.at; before > 0 && s.err == nil {
		s.at = before
		if s.texts(nil); s.err == nil {
			s.at = here
		}
	}
}
