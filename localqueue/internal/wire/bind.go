package wire

import (
	"fmt"
	"strings"
)

// Member is a member of a document and where Bind puts it: To is a *string,
// **string, *[]string, *map[string]string or **int32.
type Member struct {
	Name string
	To   any
}

// Bind reads a document as the decoders do, for requests that are not worth one.
// What it fills are copies, not views, but it changes doc all the same. A member
// that is absent leaves the zero value; an empty list or map is not nil. null in a
// list or as a map's value counts for nothing.
func Bind(doc []byte, members ...Member) error {
	for _, m := range members {
		if err := m.reset(); err != nil {
			return err
		}
	}
	s := scanner{doc: doc}
	for more := s.root(); more; more = s.next('}') {
		name := s.name()
		i := 0
		for i < len(members) && members[i].Name != name {
			i++
		}
		if i < len(members) {
			s.bind(members[i].To)
		} else {
			s.skip()
		}
	}
	return s.end()
}

// reset empties what m goes to. The error is a mistake of Bind's caller.
func (m Member) reset() error {
	switch to := m.To.(type) {
	case *string:
		*to = ""
	case **string:
		*to = nil
	case *[]string:
		*to = nil
	case *map[string]string:
		*to = nil
	case **int32:
		*to = nil
	default:
		return fmt.Errorf("bind member %s: no member goes to a %T", m.Name, m.To)
	}
	return nil
}

func (s *scanner) bind(to any) {
	switch to := to.(type) {
	case *string:
		*to = strings.Clone(s.text().S)
	case **string:
		*to = nil
		if t := s.text(); t.Set {
			v := strings.Clone(t.S)
			*to = &v
		}
	case *[]string:
		*to = s.bindList()
	case *map[string]string:
		*to = s.bindMap()
	case **int32:
		*to = nil
		if n := s.integer(); n.Set {
			v := int32(n.N) // integer takes no more
			*to = &v
		}
	}
}

func (s *scanner) bindList() []string {
	if s.null() {
		return nil
	}
	list := s.texts([]string{})
	for i := range list {
		list[i] = strings.Clone(list[i])
	}
	return list
}

func (s *scanner) bindMap() map[string]string {
	if s.null() {
		return nil
	}
	m := map[string]string{}
	for more := s.open('{', '}'); more; more = s.next('}') {
		name := s.name()
		if t := s.text(); t.Set {
			m[strings.Clone(name)] = strings.Clone(t.S)
		} else {
			delete(m, name)
		}
	}
	return m
}
