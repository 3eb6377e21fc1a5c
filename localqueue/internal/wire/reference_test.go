package wire_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/quayside-go/quayside/localqueue/internal/api"
)

// The reference for the decoders: encoding/json for all that is JSON, and on top
// of it, as simply as can be, what a document means. Wrong kinds panic with wrong.
type wrong string

// reference decodes doc by f and reports whether it could.
func reference(doc []byte, f func(members object)) (ok bool) {
	if len(doc) == 0 {
		doc = []byte(`{}`)
	}
	if !json.Valid(doc) || depth(doc) > 64 {
		return false
	}
	defer func() {
		if r := recover(); r != nil {
			if _, is := r.(wrong); !is {
				panic(r)
			}
			ok = false
		}
	}()
	f(objectOf(doc))
	return true
}

// depth is how deep a valid document is nested.
func depth(doc []byte) (deepest int) {
	now := 0
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber() // of any size
	for {
		token, err := d.Token()
		if err != nil {
			return deepest
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			now++
			deepest = max(deepest, now)
		case json.Delim('}'), json.Delim(']'):
			now--
		}
	}
}

// object is the members of an object, or the elements of a list, in order.
type object []member

type member struct {
	name  string
	value json.RawMessage
}

func objectOf(raw json.RawMessage) object { return collect(raw, json.Delim('{')) }
func listOf(raw json.RawMessage) object   { return collect(raw, json.Delim('[')) }

func collect(raw json.RawMessage, start json.Token) (o object) {
	if isNull(raw) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if token, _ := d.Token(); token != start {
		panic(wrong("kind"))
	}
	o = object{}
	for d.More() {
		var m member
		if start == json.Delim('{') {
			name, _ := d.Token()
			m.name = name.(string)
		}
		if err := d.Decode(&m.value); err != nil {
			panic(err)
		}
		o = append(o, m)
	}
	return o
}

func isNull(raw json.RawMessage) bool { return raw == nil || string(bytes.TrimSpace(raw)) == "null" }

// lastOf is the last member of that name. Those before it are read too: they must
// be of the same kind.
func lastOf[T any](o object, name string, read func(json.RawMessage) T) (v T) {
	for _, m := range o {
		if m.name == name {
			v = read(m.value)
		}
	}
	return v
}

func textOf(raw json.RawMessage) api.Text {
	raw = bytes.TrimSpace(raw)
	switch {
	case isNull(raw):
		return api.Text{}
	case raw[0] == '[' || raw[0] == '{':
		panic(wrong("kind"))
	case raw[0] == '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			panic(err)
		}
		return api.Text{S: s, Set: true}
	}
	return api.Text{S: string(raw), Set: true}
}

func (o object) text(name string) api.Text { return lastOf(o, name, textOf) }

func (o object) texts(name string) []string { return lastOf(o, name, textsOf) }

func textsOf(raw json.RawMessage) (list []string) {
	for _, m := range listOf(raw) {
		if t := textOf(m.value); t.Set {
			list = append(list, t.S)
		}
	}
	return list
}

func (o object) integer(name string) api.Int { return lastOf(o, name, integerOf) }

func integerOf(raw json.RawMessage) api.Int {
	raw = bytes.TrimSpace(raw)
	if isNull(raw) {
		return api.Int{}
	}
	n, err := strconv.ParseInt(string(raw), 10, 32)
	if err != nil {
		panic(wrong("integer"))
	}
	return api.Num(int(n))
}

func blobOf(raw json.RawMessage) []byte {
	raw = bytes.TrimSpace(raw)
	if isNull(raw) {
		return nil
	}
	if raw[0] != '"' {
		panic(wrong("kind"))
	}
	b, err := base64.StdEncoding.Strict().DecodeString(textOf(raw).S)
	if err != nil {
		panic(wrong("base64"))
	}
	return b
}

// standardText is what encoding/json would have made of a text: all that is not
// UTF-8 is U+FFFD. How many of them is not compared, since half a surrogate pair
// is three bytes here and one character there.
func standardText(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	for strings.Contains(s, "\ufffd\ufffd") {
		s = strings.ReplaceAll(s, "\ufffd\ufffd", "\ufffd")
	}
	return s
}
