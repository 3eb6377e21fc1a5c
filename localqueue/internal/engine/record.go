package engine

import "encoding/binary"

// Records state facts, with the numbers that were decided, so that recovery takes
// no decision, and each fact whole, so that it does not matter which older ones
// are still there. A record is [op u8][queue uvarint][now varint] and then, by op:
//
//	send      seq, due, group, dedup; content
//	copy      fact, whose place is where it was copied from; content
//	facts     attempt, count, facts
//	move      task, moved, seq, destination queue, fact there
//	gone      count, each: seq, segment of its content
//	control   all of a queue but its messages, as JSON (control.go)
//	dedups    count, each: group, dedup, seq, at
//	attempt   id, at, count, each: seq, number of the receive
//
// Numbers are varints, times relative to now; texts carry their length first.
// Content is the MD5 of the body (16 bytes) and the blob. It comes last: what is
// before it is all that recovery needs (the head). A fact is
//
//	seq, flags u8, receives, first receive, due
//	flagAway:  segment, offset and length of the content's record, sent, group
//	flagMoved and flagAway, or in a copy: origin's queue and seq, source, base, first
//
// A fact without flagAway adds to what the message's record says; one with it says
// everything, since the record was written under another queue or number.
type op uint8

const (
	opSend op = iota + 1
	opCopy
	opFacts
	opMove
	opGone
	opControl
	opDedups
	opAttempt
)

func begin(b []byte, o op, queue uint32, now Time) []byte {
	b = append(b, byte(o))
	b = binary.AppendUvarint(b, uint64(queue))
	return binary.AppendVarint(b, now)
}

func appendText[T string | []byte](b []byte, p T) []byte {
	b = binary.AppendUvarint(b, uint64(len(p)))
	return append(b, p...)
}

// appendSend writes a send and says how long its head is.
func appendSend(b []byte, queue uint32, now Time, seq uint64, due Time, m *Message) ([]byte, int) {
	b = begin(b, opSend, queue, now)
	b = binary.AppendUvarint(b, seq)
	b = binary.AppendVarint(b, due-now)
	b = appendText(b, m.Group)
	b = appendText(b, m.Dedup)
	head := len(b)
	b = append(b, m.MD5[:]...)
	return append(b, m.Blob...), head
}

// Content takes the MD5 of the body and the blob out of the record of a send or of
// a copy, which is theirs. False: it is no such record.
func Content(record []byte) (md5 [16]byte, blob []byte, ok bool) {
	r := reader{b: record}
	o, _, now := op(r.byte()), r.uint(), r.int()
	switch o {
	case opSend:
		r.uint()
		r.int()
		r.bytes()
		r.bytes()
	case opCopy:
		r.fact(now, true)
	default:
		return md5, nil, false
	}
	copy(md5[:], r.take(16))
	return md5, r.b, !r.bad
}

// RecordQueue is the number of the queue that a record is about, 0 if it is about
// none.
func RecordQueue(record []byte) uint32 {
	r := reader{b: record}
	r.byte()
	if n := r.uint(); n <= maxQueues {
		return uint32(n)
	}
	return 0
}
