package wire

import "github.com/quayside-go/quayside/localqueue/internal/api"

// maxAttributes is how many message attributes are read. The rules allow far
// less; here it only keeps a request from claiming many times its own memory.
const maxAttributes = 100

// attributes reads a map from name to message attribute and appends what is in
// it to list, in the document's order. A name that comes again is kept too: the
// rules refuse it.
func (s *scanner) attributes(list []api.Attribute) []api.Attribute {
	if s.null() {
		return list
	}
	for more := s.open('{', '}'); more; more = s.next('}') {
		name := s.name()
		if s.null() {
			continue
		}
		if len(list) == maxAttributes {
			s.fail("The request holds more than %d message attributes in one message.", maxAttributes)
			break
		}
		list = append(list, s.attribute(name))
	}
	return list
}

func (s *scanner) attribute(name string) api.Attribute {
	a := api.Attribute{Name: name}
	var texts, blobs bool
	for more := s.open('{', '}'); more; more = s.next('}') {
		switch s.name() {
		case "DataType":
			a.Type = s.text()
		case "StringValue":
			a.String = s.text()
		case "BinaryValue":
			a.Binary = s.blob()
		case "StringListValues":
			texts = s.some(func() bool { return s.text().Set })
		case "BinaryListValues":
			blobs = s.some(func() bool { return s.blob() != nil })
		default:
			s.skip()
		}
	}
	a.Lists = texts || blobs
	return a
}

// some reads a list and reports whether element, which reads one of it, found
// anything.
func (s *scanner) some(element func() (found bool)) (found bool) {
	if s.null() {
		return false
	}
	for more := s.open('[', ']'); more; more = s.next(']') {
		found = element() || found
	}
	return found
}
