package wire

import (
	"encoding/base64"
	"strconv"

	"github.com/quayside-go/quayside/localqueue/internal/api"
)

// text reads a string, or another scalar as its text; null is absent.
func (s *scanner) text() api.Text {
	c := s.peek()
	if c == '"' {
		return api.Text{S: s.quoted(), Set: true}
	}
	from := s.at
	switch {
	case c == 'n':
		s.literal("null")
		return api.Text{}
	case c == 't':
		s.literal("true")
	case c == 'f':
		s.literal("false")
	case isNumeric(c):
		s.number()
	default:
		s.wrong(c, "a String")
	}
	if s.err != nil {
		return api.Text{}
	}
	return api.Text{S: view(s.doc[from:s.at]), Set: true}
}

// maxNames is how many strings a list may have. The longest of use, the tag keys of
// a queue, are fifty.
const maxNames = 200

// texts reads a list of strings and appends them to list.
func (s *scanner) texts(list []string) []string {
	if s.null() {
		return list
	}
	for more := s.open('[', ']'); more; more = s.next(']') {
		if len(list) >= maxNames {
			s.fail("The request holds a list of more than %d names.", maxNames)
			break
		}
		if t := s.text(); t.Set {
			list = append(list, t.S)
		}
	}
	return list
}

// integer reads a number that is an integer of 32 bits; null is absent.
func (s *scanner) integer() api.Int {
	c := s.peek()
	if c == 'n' {
		s.literal("null")
		return api.Int{}
	}
	if !isNumeric(c) {
		s.wrong(c, "an Integer")
		return api.Int{}
	}
	from := s.at
	if s.number(); s.err != nil {
		return api.Int{}
	}
	n, err := strconv.ParseInt(view(s.doc[from:s.at]), 10, 32)
	if err != nil {
		s.wrong(c, "an Integer")
		return api.Int{}
	}
	return api.Num(int(n))
}

// base64Strict takes no second spelling of the same bytes, but for line breaks.
var base64Strict = base64.StdEncoding.Strict()

// blob reads a string of base64 and decodes it in place. null is absent, nil;
// an empty string is not.
func (s *scanner) blob() []byte {
	switch c := s.peek(); c {
	case 'n':
		s.literal("null")
		return nil
	case '"':
	default:
		s.wrong(c, "a Blob")
		return nil
	}
	from := s.at + 1
	b := s.doc[from : from+len(s.quoted())]
	if s.err != nil {
		return nil
	}
	n, err := base64Strict.Decode(b, b)
	if err != nil {
		s.fail("STRING_VALUE can not be converted to a Blob: it is not base64")
		return nil
	}
	return b[:n:n]
}

// skip steps over a value of any kind and changes nothing.
func (s *scanner) skip() {
	switch c := s.peek(); {
	case c == '"':
		s.pass()
	case c == '{':
		for more := s.open('{', '}'); more; more = s.next('}') {
			s.skipName()
			s.skip()
		}
	case c == '[':
		for more := s.open('[', ']'); more; more = s.next(']') {
			s.skip()
		}
	case c == 'n':
		s.literal("null")
	case c == 't':
		s.literal("true")
	case c == 'f':
		s.literal("false")
	case isNumeric(c):
		s.number()
	default:
		s.syntax()
	}
}

func (s *scanner) skipName() {
	if s.peek() != '"' {
		s.syntax()
		return
	}
	s.pass()
	s.colon()
}

// isNumeric reports whether a number may begin with c.
func isNumeric(c byte) bool { return c == '-' || isDigit(c) }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// number steps over a number.
func (s *scanner) number() {
	if s.doc[s.at] == '-' {
		s.at++
	}
	if s.at < len(s.doc) && s.doc[s.at] == '0' {
		s.at++ // and no digit after it
	} else {
		s.digits()
	}
	if s.at < len(s.doc) && s.doc[s.at] == '.' {
		s.at++
		s.digits()
	}
	if s.at < len(s.doc) && s.doc[s.at]|0x20 == 'e' {
		s.at++
		if s.at < len(s.doc) && (s.doc[s.at] == '+' || s.doc[s.at] == '-') {
			s.at++
		}
		s.digits()
	}
}

// digits steps over one digit or more.
func (s *scanner) digits() {
	from := s.at
	for s.at < len(s.doc) && isDigit(s.doc[s.at]) {
		s.at++
	}
	if s.at == from {
		s.syntax()
	}
}
