package wire

import "github.com/quayside-go/quayside/localqueue/internal/api"

// The decoders read one whole JSON document, an object, in which null counts as
// absent, a scalar where a string is wanted as its text, and the last of repeated
// members, each of which must be of its kind. Members they do not know are skipped.
// An empty document counts as {}.
//
// Strings of the result are views into the document, which the decoder changes
// and the caller leaves alone as long as the result is in use. Slices of the
// target are reused, its entries' too. After an error, an *engine.Error of
// CodeMalformedInput unless it says otherwise, the target holds nothing of use.
//
// Whatever encoding/json takes for JSON they take too, except that lists and
// objects stand at most 64 deep in each other. Unlike it they leave bytes that are
// not UTF-8 as they are, make half a surrogate pair the three bytes of its number,
// and tell capital from small letters in names.

// DecodeSend reads SendMessage. Message attributes of one name are all kept, and
// m.Trace, which is not of the document, is empty.
func DecodeSend(doc []byte, m *api.Send) (queueURL api.Text, err error) {
	resetSend(m)
	s := scanner{doc: doc}
	for more := s.root(); more; more = s.next('}') {
		if name := s.name(); name == "QueueUrl" {
			queueURL = s.text()
		} else {
			s.sendMember(name, m)
		}
	}
	return queueURL, s.end()
}

// DecodeSendBatch reads SendMessageBatch and appends its entries to dst[:0]. The
// error of far too many entries is the one that the rules have for it.
func DecodeSendBatch(doc []byte, dst []api.Send) (entries []api.Send, queueURL api.Text, err error) {
	entries = dst[:0]
	s := scanner{doc: doc}
	for more := s.root(); more; more = s.next('}') {
		switch s.name() {
		case "QueueUrl":
			queueURL = s.text()
		case "Entries":
			entries = s.sendEntries(entries[:0])
		default:
			s.skip()
		}
	}
	return entries, queueURL, s.end()
}

func (s *scanner) sendEntries(list []api.Send) []api.Send {
	if s.null() {
		return list
	}
	n := 0
	for more := s.open('[', ']'); more; more = s.next(']') {
		if s.null() || s.tooMany(&n) {
			continue
		}
		list = extend(list)
		m := &list[len(list)-1]
		resetSend(m)
		for more := s.open('{', '}'); more; more = s.next('}') {
			if name := s.name(); name == "Id" {
				m.ID = s.text().S
			} else {
				s.sendMember(name, m)
			}
		}
	}
	s.countEntries(n)
	return list
}

// resetSend empties m but keeps its slices' memory.
func resetSend(m *api.Send) {
	*m = api.Send{Attributes: m.Attributes[:0], System: m.System[:0]}
}

// sendMember reads a member that SendMessage and the entries of its batch share.
func (s *scanner) sendMember(name string, m *api.Send) {
	switch name {
	case "MessageBody":
		m.Body = s.text().S
	case "DelaySeconds":
		m.Delay = s.integer()
	case "MessageGroupId":
		m.Group = s.text()
	case "MessageDeduplicationId":
		m.Dedup = s.text()
	case "MessageAttributes":
		m.Attributes = s.attributes(m.Attributes[:0])
	case "MessageSystemAttributes":
		m.System = s.attributes(m.System[:0])
	default:
		s.skip()
	}
}
