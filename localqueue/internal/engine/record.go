package engine

import "encoding/binary"

// Every transition that changes state is written as a record: what happened,
// with the numbers it was given, so that replaying records needs no decision.
// A record is [op u8][queue uvarint][now varint] and then, by op:
//
//	send       seq uvarint, due varint, message
//	receive    due varint, attempt string, dead queue uvarint, steps: count, then each kind u8, seq, to uvarint
//	change     seq uvarint, due varint
//	delete     seq uvarint
//	purge
//	transfer   seq, destination queue, its seq uvarint, due varint
//	control    all of a queue but its messages, as JSON (control.go)
//
// Strings and bytes carry their length first.
type op uint8

const (
	opSend op = iota + 1
	opReceive
	opChange
	opDelete
	opPurge
	opTransfer
	opControl
)

func begin(b []byte, o op, queue uint32, now Time) []byte {
	b = append(b, byte(o))
	b = binary.AppendUvarint(b, uint64(queue))
	return binary.AppendVarint(b, now)
}

func appendBytes[T string | []byte](b []byte, p T) []byte {
	b = binary.AppendUvarint(b, uint64(len(p)))
	return append(b, p...)
}

func appendSend(b []byte, queue uint32, now Time, seq uint64, due Time, m *Message) []byte {
	b = begin(b, opSend, queue, now)
	b = binary.AppendUvarint(b, seq)
	b = binary.AppendVarint(b, due)
	b = append(b, m.MD5[:]...)
	b = appendBytes(b, m.Group)
	b = appendBytes(b, m.Dedup)
	return appendBytes(b, m.Blob)
}

func appendChange(b []byte, queue uint32, now Time, seq uint64, due Time) []byte {
	b = binary.AppendUvarint(begin(b, opChange, queue, now), seq)
	return binary.AppendVarint(b, due)
}

func appendDelete(b []byte, queue uint32, now Time, seq uint64) []byte {
	return binary.AppendUvarint(begin(b, opDelete, queue, now), seq)
}

func appendPurge(b []byte, queue uint32, now Time) []byte {
	return begin(b, opPurge, queue, now)
}

func appendTransfer(b []byte, from uint32, now Time, seq uint64, to uint32, as uint64, due Time) []byte {
	b = binary.AppendUvarint(begin(b, opTransfer, from, now), seq)
	b = binary.AppendUvarint(b, uint64(to))
	b = binary.AppendUvarint(b, as)
	return binary.AppendVarint(b, due)
}

// logReceive writes what the receive just made did, if it did anything.
func (s *store) logReceive(now, due Time, r Receive, dead Messages) {
	if s.log == nil || len(s.trail) == 0 {
		return
	}
	b := begin(nil, opReceive, s.number, now)
	b = binary.AppendVarint(b, due)
	b = appendBytes(b, r.Attempt)
	var to uint32
	if d, ok := dead.(*store); ok {
		to = d.number
	}
	b = binary.AppendUvarint(b, uint64(to))
	b = binary.AppendUvarint(b, uint64(len(s.trail)))
	for _, t := range s.trail {
		b = append(b, t.kind)
		b = binary.AppendUvarint(b, t.seq)
		b = binary.AppendUvarint(b, t.to)
	}
	s.log(b)
}

// reader takes a record apart. After the first thing missing, bad is set and
// everything reads as zero.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	return r.took(v, n)
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b)
	return int64(r.took(uint64(v), n))
}

func (r *reader) took(v uint64, n int) uint64 {
	if n <= 0 || r.bad {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) byte() byte {
	if p := r.take(1); p != nil {
		return p[0]
	}
	return 0
}

func (r *reader) bytes() []byte { return r.take(r.uint()) }

func (r *reader) take(n uint64) []byte {
	if r.bad || n > uint64(len(r.b)) {
		r.b, r.bad = nil, true
		return nil
	}
	p := r.b[:n:n]
	r.b = r.b[n:]
	return p
}
