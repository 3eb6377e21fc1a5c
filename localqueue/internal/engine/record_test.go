package engine

import (
	"bytes"
	"testing"
)

// TestContent takes contents out of the records that have one.
func TestContent(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]Message{
		"plain":     {Blob: []byte("body"), MD5: [16]byte{1, 15: 2}},
		"empty":     {},
		"of a FIFO": {Blob: bytes.Repeat([]byte{200}, 3000), Group: "group", Dedup: "id", MD5: [16]byte{3}},
	} {
		b, head := appendSend(nil, 7, 1e18, 1<<40, 1e18+5, &m)
		sent(t, name, b, head, &m)
		s := newStore(7)
		x := slot{seq: 5, sent: 1e18, flags: flagMoved | flagAway, receives: 9}
		x.setHome(Place{3, 4, 5})
		if m.Group != "" {
			x.group = s.groups.make(m.Group, true)
		}
		s.moved = map[uint64]arrival{5: {Origin{2, 1 << 50}, 2, 3, 1e18}}
		f := s.factOf(&x, true)
		b = f.append(begin(nil, opCopy, 7, 1e18), 1e18, true)
		head = len(b)
		sent(t, name+", copied", append(append(b, m.MD5[:]...), m.Blob...), head, &m)
	}
	for _, b := range [][]byte{nil, {byte(opSend)}, {byte(opGone), 1, 0}, {byte(opControl), 1, 0}, bytes.Repeat([]byte{255}, 40)} {
		if _, _, ok := Content(b); ok {
			t.Errorf("content of %x", b)
		}
	}
}

// sent shows that a record gives back the content of m, and none if it is cut in the
// head or the MD5.
func sent(t *testing.T, name string, b []byte, head int, m *Message) {
	t.Helper()
	md5, blob, ok := Content(b)
	if !ok || md5 != m.MD5 || !bytes.Equal(blob, m.Blob) {
		t.Errorf("%s: content %x %q %v", name, md5, blob, ok)
	}
	if RecordQueue(b) != 7 {
		t.Errorf("%s: of queue %d", name, RecordQueue(b))
	}
	for cut := range head + 16 {
		if _, _, ok := Content(b[:cut]); ok {
			t.Errorf("%s: content of the first %d bytes, the head being %d", name, cut, head)
		}
	}
}

// TestFill fills contents into a batch.
func TestFill(t *testing.T) {
	t.Parallel()
	b := Batch{Deliveries: make([]Delivery, 2)}
	record, _ := appendSend(nil, 1, 0, 1, 0, &Message{Blob: []byte("body"), MD5: [16]byte{9}})
	for range 2 {
		b.Rewind()
		if !b.Fill(1, record) || string(b.Deliveries[1].Blob) != "body" || b.Deliveries[1].MD5[0] != 9 {
			t.Errorf("filled in %+v", b.Deliveries[1])
		}
	}
	if b.Fill(0, record[:3]) || b.Deliveries[0].Blob != nil {
		t.Errorf("a record cut short gave %+v", b.Deliveries[0])
	}
}
