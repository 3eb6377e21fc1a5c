package api

import (
	"encoding/binary"
)

// Content is what a message carries besides the numbers the engine keeps: its
// text, as the engine stores it, opaque, in one blob:
//
//	flags u8 | group | dedup | trace | attributes: count uvarint, name type value each | body
//
// Each part but the body carries its length as a uvarint first and is there only
// if its flag is. Attributes stand sorted by name.
type Content struct {
	Group, Dedup, Trace string
	Attributes          []Attribute
	Body                string
}

const (
	hasGroup = 1 << iota
	hasDedup
	hasTrace
	hasAttributes
)

// AppendContent encodes c.
func AppendContent(b []byte, c *Content) []byte {
	at := len(b)
	b = append(b, 0)
	for _, part := range [...]struct {
		flag byte
		text string
	}{{hasGroup, c.Group}, {hasDedup, c.Dedup}, {hasTrace, c.Trace}} {
		if part.text != "" {
			b[at] |= part.flag
			b = appendText(b, part.text)
		}
	}
	if len(c.Attributes) > 0 {
		b[at] |= hasAttributes
		b = binary.AppendUvarint(b, uint64(len(c.Attributes)))
		for i := range c.Attributes {
			a := &c.Attributes[i]
			b = appendText(b, a.Name)
			b = appendText(b, a.Type.S)
			if a.isBinary() {
				b = binary.AppendUvarint(b, uint64(len(a.Binary)))
				b = append(b, a.Binary...)
			} else {
				b = appendText(b, a.String.S)
			}
		}
	}
	return append(b, c.Body...)
}

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// DecodeContent takes a blob apart. All strings of the result are parts of blob;
// attributes are decoded only if asked for.
func DecodeContent(blob string, attributes bool) Content {
	d := decoder{blob[1:]}
	flags := blob[0]
	var c Content
	if flags&hasGroup != 0 {
		c.Group = d.text()
	}
	if flags&hasDedup != 0 {
		c.Dedup = d.text()
	}
	if flags&hasTrace != 0 {
		c.Trace = d.text()
	}
	if flags&hasAttributes != 0 {
		n := d.uvarint()
		if attributes {
			c.Attributes = make([]Attribute, 0, n)
		}
		for range n {
			a := Attribute{Name: d.text(), Type: Text{d.text(), true}}
			value := d.text()
			if !attributes {
				continue
			}
			if isBinaryType(a.Type.S) {
				a.Binary = []byte(value)
			} else {
				a.String = Text{value, true}
			}
			c.Attributes = append(c.Attributes, a)
		}
	}
	c.Body = d.s
	return c
}

type decoder struct{ s string }

func (d *decoder) uvarint() uint64 {
	var v uint64
	for shift := 0; ; shift += 7 {
		c := d.s[0]
		d.s = d.s[1:]
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
}

func (d *decoder) text() string {
	n := d.uvarint()
	s := d.s[:n]
	d.s = d.s[n:]
	return s
}
