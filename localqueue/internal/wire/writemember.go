package wire

import (
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
)

// Text writes a text, also an empty one.
func (w *Writer) Text(name, v string) {
	w.begin(name)
	w.text(v)
	w.end(name)
}

// Optional writes a text that is absent where it is empty.
func (w *Writer) Optional(name, v string) {
	if v == "" {
		w.Absent(name)
		return
	}
	w.Text(name, v)
}

// ASCII writes a text that needs no escaping in any format: base64, hexadecimal
// digits, hyphens. It is Text for what was made in a byte slice.
func (w *Writer) ASCII(name string, v []byte) {
	w.begin(name)
	w.quote()
	w.buf = append(w.buf, v...)
	w.quote()
	w.end(name)
}

// Int writes a whole number.
func (w *Writer) Int(name string, v int64) {
	w.begin(name)
	w.buf = strconv.AppendInt(w.buf, v, 10)
	w.end(name)
}

// Bool writes true or false.
func (w *Writer) Bool(name string, v bool) {
	w.begin(name)
	w.buf = strconv.AppendBool(w.buf, v)
	w.end(name)
}

// Binary writes bytes, in standard base64.
func (w *Writer) Binary(name string, v []byte) {
	w.begin(name)
	w.quote()
	w.buf = base64.StdEncoding.AppendEncode(w.buf, v)
	w.quote()
	w.end(name)
}

// Strings writes a list of texts, absent where it is empty. JSON calls it member,
// XML calls each of them element.
func (w *Writer) Strings(member, element string, list []string) {
	if len(list) == 0 {
		w.Absent(member)
		return
	}
	w.OpenList(member, element)
	for _, v := range list {
		w.next()
		if w.format == XML {
			w.Text(element, v)
			continue
		}
		w.text(v)
	}
	w.CloseList()
}

// Map writes a map of texts in the order of its keys, absent where it is empty.
// JSON calls it member; where it is a list of pairs each is an element, of a key and
// a value by these names: "Attributes", "Attribute", "Name", "Value".
func (w *Writer) Map(member, element, key, value string, m map[string]string) {
	if len(m) == 0 {
		w.Absent(member)
		return
	}
	w.OpenPairs(member, element)
	for _, k := range slices.Sorted(maps.Keys(m)) {
		w.pair(key, value, k, m[k])
	}
	w.ClosePairs()
}

// Absent stands for a member that the result does not have: nothing, but null in
// QueryJSON.
func (w *Writer) Absent(member string) {
	if w.format == QueryJSON {
		w.begin(member)
		w.put(`null`)
	}
}

// begin writes what precedes the value of a member, end what follows it.
func (w *Writer) begin(name string) {
	if w.format == XML {
		w.buf = append(w.buf, '<')
		w.buf = append(w.buf, name...)
		w.buf = append(w.buf, '>')
		return
	}
	if w.comma {
		w.buf = append(w.buf, ',')
	}
	w.comma = true
	w.buf = append(w.buf, '"')
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, '"', ':')
}

func (w *Writer) end(name string) {
	if w.format == XML {
		w.buf = append(w.buf, '<', '/')
		w.buf = append(w.buf, name...)
		w.buf = append(w.buf, '>')
	}
}

// text writes a value that is a text, quoted where the format does so.
func (w *Writer) text(v string) {
	if w.format == XML {
		w.buf = appendXML(w.buf, v)
		return
	}
	w.buf = append(w.buf, '"')
	w.buf = appendJSON(w.buf, v)
	w.buf = append(w.buf, '"')
}

// quote writes the mark that stands around texts in JSON.
func (w *Writer) quote() {
	if w.format != XML {
		w.buf = append(w.buf, '"')
	}
}
