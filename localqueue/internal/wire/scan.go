package wire

import (
	"bytes"
	"unsafe"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// CodeMalformedInput is the code of a request that cannot be read.
const CodeMalformedInput = "MalformedInput"

// maxDepth is how deep lists and objects of a document may stand in each other.
const maxDepth = 64

// scanner reads one JSON document from left to right. The first error stays in
// err and moves the scanner to the end of the document, where every further
// method finds nothing; so callers look at err once, when they are done.
//
// An object is read like this, a list in the same way without names:
//
//	for more := s.open('{', '}'); more; more = s.next('}') {
//		switch s.name() {
//		case "A":
//			a = s.text()
//		default:
//			s.skip()
//		}
//	}
type scanner struct {
	doc   []byte
	at    int // the byte to be read next
	depth int // lists and objects that are open
	err   error
}

// root opens the document, an object. An empty document and null hold nothing.
func (s *scanner) root() bool {
	return len(s.doc) > 0 && !s.null() && s.open('{', '}')
}

// end is the error met so far, or that of something after the document.
func (s *scanner) end() error {
	if s.peek(); s.err == nil && s.at < len(s.doc) {
		s.syntax()
	}
	return s.err
}

// peek skips white space and returns the byte after it, 0 at the end.
func (s *scanner) peek() byte {
	for s.at < len(s.doc) {
		switch c := s.doc[s.at]; c {
		case ' ', '\n', '\r', '\t':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// open steps into a list or object, '[' or '{', and reports whether anything is
// in it.
func (s *scanner) open(start, end byte) bool {
	if c := s.peek(); c != start {
		if start == '[' {
			s.wrong(c, "a List")
		} else {
			s.wrong(c, "a Structure or Map")
		}
		return false
	}
	if s.depth == maxDepth {
		s.fail("The request is nested too deep: lists and objects in each other, at most %d.", maxDepth)
		return false
	}
	s.at++
	if s.peek() == end {
		s.at++
		return false
	}
	s.depth++
	return true
}

// next goes on to the next element, or steps out and reports false.
func (s *scanner) next(end byte) bool {
	switch s.peek() {
	case ',':
		s.at++
		return true
	case end:
		s.at++
		s.depth--
	default:
		s.syntax()
	}
	return false
}

// name reads the name of an object's next member, and the colon.
func (s *scanner) name() string {
	if s.peek() != '"' {
		s.syntax()
		return ""
	}
	name := s.quoted()
	s.colon()
	return name
}

func (s *scanner) colon() {
	if s.peek() != ':' {
		s.syntax()
		return
	}
	s.at++
}

// null steps over a null, if one stands here.
func (s *scanner) null() bool {
	if s.peek() != 'n' {
		return false
	}
	s.literal("null")
	return true
}

// literal steps over one of null, true and false.
func (s *scanner) literal(text string) {
	if !bytes.HasPrefix(s.doc[s.at:], []byte(text)) {
		s.syntax()
		return
	}
	s.at += len(text)
}

// syntax refuses what stands here.
func (s *scanner) syntax() {
	if s.at >= len(s.doc) {
		s.fail("The request is not valid JSON: it ends too early, after %d bytes.", len(s.doc))
		return
	}
	s.fail("The request is not valid JSON: unexpected %q at byte %d.", s.doc[s.at:s.at+1], s.at)
}

// wrong refuses a value that begins with c where want is wanted.
func (s *scanner) wrong(c byte, want string) {
	var kind string
	switch {
	case c == '[':
		s.fail("Start of list found where not expected")
		return
	case c == '{':
		s.fail("Start of structure or map found where not expected.")
		return
	case c == '"':
		kind = "STRING_VALUE"
	case c == 't':
		kind = "TRUE_VALUE"
	case c == 'f':
		kind = "FALSE_VALUE"
	case isNumeric(c):
		kind = "NUMBER_VALUE"
	default:
		s.syntax()
		return
	}
	s.fail("%s can not be converted to %s", kind, want)
}

func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = engine.Errorf(CodeMalformedInput, format, args...)
	}
	s.at = len(s.doc)
}

// view is b as a string that shares its memory.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
