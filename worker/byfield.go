package worker

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ByField routes by a string in the JSON object that is the message's body, for
// [NewMux]: ByField("kind") by that in {"kind":"paid"}, ByField("detail", "kind")
// by that in {"detail":{"kind":"paid"}}. Names are compared letter by letter.
//
// A field that is missing or null makes "", the name of messages without a type.
// A body that is no JSON object, or has something else in the field's place, fails
// with a *[DecodeError].
//
// The body is read as far as the field, or the end of the object that lacks it,
// and no further: if an object has the name twice, the first counts, and what is
// wrong behind it is for the handler to find.
func ByField(name string, inner ...string) func(*Message) (string, error) {
	path := append([]string{name}, inner...)
	return func(m *Message) (string, error) {
		d := json.NewDecoder(strings.NewReader(m.Body))
		s, err := readField(d, path)
		if err == nil {
			return s, nil
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return "", &DecodeError{Type: "object with a string at " + dotted(path), Err: err}
	}
}

// dotted writes a path as "a"."b"; an empty one is the body itself.
func dotted(path []string) string {
	if len(path) == 0 {
		return "the body"
	}
	quoted := make([]string, len(path))
	for i, name := range path {
		quoted[i] = strconv.Quote(name)
	}
	return strings.Join(quoted, ".")
}

// readField returns the string at path in the object that d is about to read.
func readField(d *json.Decoder, path []string) (string, error) {
	for i, name := range path {
		t, err := d.Token()
		if err != nil {
			return "", err
		}
		if t == nil && i > 0 {
			return "", nil
		}
		if t != json.Delim('{') {
			return "", fmt.Errorf("%s is %s", dotted(path[:i]), kindOf(t))
		}
		if found, err := seek(d, name); !found {
			return "", err
		}
	}
	t, err := d.Token()
	if err != nil || t == nil {
		return "", err
	}
	s, ok := t.(string)
	if !ok {
		return "", fmt.Errorf("%s is %s", dotted(path), kindOf(t))
	}
	return s, nil
}

// seek reads on in an object until the value of name is next, and otherwise to
// the end of the object.
func seek(d *json.Decoder, name string) (found bool, err error) {
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return false, err
		}
		if key == name {
			return true, nil
		}
		if err := d.Decode(new(skipped)); err != nil {
			return false, err
		}
	}
	_, err = d.Token()
	return false, err
}

// skipped takes any value and keeps nothing of it.
type skipped struct{}

// UnmarshalJSON implements json.Unmarshaler.
func (*skipped) UnmarshalJSON([]byte) error { return nil }

// kindOf names what the first token of a JSON value begins.
func kindOf(t json.Token) string {
	switch t := t.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case float64:
		return "a number"
	case string:
		return "a string"
	case json.Delim:
		if t == '[' {
			return "an array"
		}
	}
	return "an object"
}
