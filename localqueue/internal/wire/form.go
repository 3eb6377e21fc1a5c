package wire

import (
	"net/url"
	"strconv"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// AppendForm appends to dst the JSON document that says what a Query form says:
// the members of action, found under the form's names for them. Other keys are
// ignored, as are further values of a key.
//
// The elements of a list or map are keys with a number each ("TagKey.1") and stand
// in the order of the numbers, whichever they are. Its name with an empty value
// ("TagKeys=") is an empty one. A name that comes twice in a map comes twice in the
// document. An integer with an empty value is absent. Bytes that are not UTF-8
// stay as they are, so that the document may be no valid UTF-8 either.
//
// The error is an *engine.Error: of InvalidAction, or, for an integer that is
// none, of CodeMalformedInput.
func AppendForm(dst []byte, action string, form url.Values) ([]byte, error) {
	shape, ok := shapes[action]
	if !ok {
		return dst, engine.Errorf("InvalidAction", "The action %s is not valid for this endpoint.", action)
	}
	w := formWriter{doc: dst}
	w.structure(shape, newFields(form))
	return w.doc, w.err
}

// formWriter writes a document. Its methods write one value each and report false
// where the fields do not say any: the caller takes back what was written then. The
// first error stays.
type formWriter struct {
	doc []byte
	err error
}

// structure always writes an object and reports whether anything is in it.
func (w *formWriter) structure(members []formMember, f fields) bool {
	w.doc = append(w.doc, '{')
	first := len(w.doc)
	for i := range members {
		m := &members[i]
		undo := len(w.doc)
		w.name(m.name, undo == first)
		if !w.member(m, f) {
			w.doc = w.doc[:undo]
		}
	}
	filled := len(w.doc) > first
	w.doc = append(w.doc, '}')
	return filled
}

func (w *formWriter) member(m *formMember, f fields) bool {
	switch m.kind {
	case formText:
		v, ok := f.value(m.name)
		if ok {
			w.text(v)
		}
		return ok
	case formInteger:
		return w.integer(m, f)
	default:
		return w.collection(m, f)
	}
}

func (w *formWriter) integer(m *formMember, f fields) bool {
	x, ok := f.find(m.name)
	if !ok || x.value == "" {
		return false
	}
	n, err := strconv.ParseInt(x.value, 10, 32)
	if err != nil && w.err == nil {
		w.err = engine.Errorf(CodeMalformedInput, "Value %.100q for parameter %s is not an integer of 32 bits.", x.value, x.key)
	}
	w.doc = strconv.AppendInt(w.doc, n, 10)
	return true
}

// collection writes a list or map, whichever of its names the form uses.
func (w *formWriter) collection(m *formMember, f fields) bool {
	start, end := byte('['), byte(']')
	if m.kind == formPairs || m.kind == formStructurePairs {
		start, end = '{', '}'
	}
	w.doc = append(w.doc, start)
	first := len(w.doc)
	empty := false
	for _, key := range m.keys {
		for element := range f.elements(key) {
			undo := len(w.doc)
			if undo > first {
				w.doc = append(w.doc, ',')
			}
			if !w.element(m, element) {
				w.doc = w.doc[:undo]
			}
		}
		v, ok := f.value(key)
		empty = empty || ok && v == ""
	}
	there := empty || len(w.doc) > first
	w.doc = append(w.doc, end)
	return there
}

// element writes one element of a collection; f is what has its number. An
// element of which nothing is known is none.
func (w *formWriter) element(m *formMember, f fields) bool {
	switch m.kind {
	case formList:
		v, ok := f.self()
		w.text(v)
		return ok
	case formStructures:
		return w.structure(m.members, f)
	case formPairs:
		name, named := f.value(m.name1)
		value, valued := f.value(m.name2)
		w.name(name, true)
		w.text(value)
		return named || valued
	default:
		name, named := f.value(m.name1)
		w.name(name, true)
		return w.structure(m.members, f.under(m.name2)) || named
	}
}

// name begins a member of an object.
func (w *formWriter) name(name string, first bool) {
	if !first {
		w.doc = append(w.doc, ',')
	}
	w.text(name)
	w.doc = append(w.doc, ':')
}

// text writes a string, and bytes that are not UTF-8 as they are.
func (w *formWriter) text(s string) {
	w.doc = append(w.doc, '"')
	w.doc = appendRawJSON(w.doc, s)
	w.doc = append(w.doc, '"')
}
