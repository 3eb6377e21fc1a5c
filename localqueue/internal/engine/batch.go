package engine

import "strings"

// Batch collects what a receive hands out. The caller owns and may reuse it.
type Batch struct {
	Deliveries []Delivery
	text       []byte
}

// Reset empties b, keeping its memory.
func (b *Batch) Reset() { b.Deliveries, b.text = b.Deliveries[:0], b.text[:0] }

// Text is all blobs, one after the other, as one string; n is their length.
func (b *Batch) Text(n int) string {
	var t strings.Builder
	t.Grow(n)
	for i := range b.Deliveries {
		t.Write(b.Deliveries[i].Blob)
	}
	return t.String()
}

// Length is that of all texts.
func (b *Batch) Length() (n int) {
	for i := range b.Deliveries {
		n += len(b.Deliveries[i].Blob)
	}
	return n
}

// Size is how much memory b keeps for texts.
func (b *Batch) Size() int { return cap(b.text) }

// keep copies bytes into the batch. Earlier copies stay where they are.
func (b *Batch) keep(p []byte) []byte {
	if cap(b.text)-len(b.text) < len(p) {
		b.text = make([]byte, 0, max(2*cap(b.text), 16*len(p), 1024))
	}
	n := len(b.text)
	b.text = append(b.text, p...)
	return b.text[n:len(b.text):len(b.text)]
}

// Fill takes the content of delivery i out of the record at its Home. False: that
// holds none.
func (b *Batch) Fill(i int, record []byte) bool {
	md5, blob, ok := Content(record)
	if ok {
		d := &b.Deliveries[i]
		d.MD5, d.Blob = md5, b.keep(blob)
	}
	return ok
}

// Rewind makes room for contents that are filled in again.
func (b *Batch) Rewind() { b.text = b.text[:0] }
