package wire

import "strconv"

// OpenList begins a list of structures, which JSON calls member. Each is written
// between OpenItem and CloseItem and is an element in XML. A list has at least one:
// an empty one is written by Absent.
func (w *Writer) OpenList(member, element string) { w.open(member, element, '[') }

// OpenItem begins the next structure of the list.
func (w *Writer) OpenItem() {
	w.next()
	w.brace('{', `<`)
	w.comma = false
}

// CloseItem ends the structure that OpenItem began.
func (w *Writer) CloseItem() {
	w.brace('}', `</`)
	w.comma = true
}

// CloseList ends the list that OpenList began.
func (w *Writer) CloseList() { w.close(']') }

// OpenPairs begins a map from names to texts, which JSON calls member: an object, or
// in the Query protocol a list of elements with a Name and a Value. The pairs are
// written by Pair and PairInt. There is at least one: an empty map is written by
// Absent.
func (w *Writer) OpenPairs(member, element string) { w.open(member, element, w.mapStart()) }

// Pair writes a name and its text.
func (w *Writer) Pair(name, value string) { w.pair("Name", "Value", name, value) }

// PairInt writes a name and its text, which is a whole number.
func (w *Writer) PairInt(name string, v int64) {
	var digits [20]byte
	w.Pair(name, string(strconv.AppendInt(digits[:0], v, 10)))
}

// ClosePairs ends the map that OpenPairs began.
func (w *Writer) ClosePairs() { w.close(w.mapEnd()) }

// OpenEntries begins a map from names to structures, which JSON calls member: an
// object, or in the Query protocol a list of elements with a Name and a Value. Each
// structure is written between OpenEntry and CloseEntry. There is at least one: an
// empty map is written by Absent.
func (w *Writer) OpenEntries(member, element string) { w.open(member, element, w.mapStart()) }

// OpenEntry begins the structure that has this name.
func (w *Writer) OpenEntry(name string) {
	w.next()
	switch w.format {
	case JSON:
		w.text(name)
		w.put(`:{`)
	case XML:
		w.brace('{', `<`)
		w.Text("Name", name)
		w.put(`<Value>`)
	case QueryJSON:
		w.put(`{"Name":`)
		w.text(name)
		w.put(`,"Value":{`)
	}
	w.comma = false
}

// CloseEntry ends the structure that OpenEntry began.
func (w *Writer) CloseEntry() {
	switch w.format {
	case JSON:
		w.put(`}`)
	case XML:
		w.put(`</Value>`)
		w.brace('}', `</`)
	case QueryJSON:
		w.put(`}}`)
	}
	w.comma = true
}

// CloseEntries ends the map that OpenEntries began.
func (w *Writer) CloseEntries() { w.close(w.mapEnd()) }

// pair writes a name k and its text v, by the names key and value where the format
// has names for these.
func (w *Writer) pair(key, value, k, v string) {
	w.next()
	if w.format == JSON {
		w.text(k)
		w.buf = append(w.buf, ':')
		w.text(v)
		return
	}
	w.brace('{', `<`)
	w.comma = false
	w.Text(key, k)
	w.Text(value, v)
	w.brace('}', `</`)
}

// open begins a list or map; in XML, which flattens these, it is only remembered
// what its elements are called.
func (w *Writer) open(member, element string, bracket byte) {
	if w.format == XML {
		w.elements = append(w.elements, element)
		return
	}
	w.begin(member)
	w.buf = append(w.buf, bracket)
	w.comma = false
}

func (w *Writer) close(bracket byte) {
	if w.format == XML {
		w.elements = w.elements[:len(w.elements)-1]
		return
	}
	w.buf = append(w.buf, bracket)
	w.comma = true
}

// next writes what separates two elements of a list or map.
func (w *Writer) next() {
	if w.format != XML && w.comma {
		w.buf = append(w.buf, ',')
	}
	w.comma = true
}

// brace writes one end of an element: a brace, or in XML the tag that begins so.
func (w *Writer) brace(brace byte, tag string) {
	if w.format == XML {
		w.put(tag, w.elements[len(w.elements)-1], `>`)
		return
	}
	w.buf = append(w.buf, brace)
}

func (w *Writer) mapStart() byte {
	if w.format == JSON {
		return '{'
	}
	return '['
}

func (w *Writer) mapEnd() byte {
	if w.format == JSON {
		return '}'
	}
	return ']'
}
