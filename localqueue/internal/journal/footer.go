package journal

import (
	"encoding/binary"
	"math/bits"
)

// footerLimit is how long a footer of a segment of this size may be: beyond that,
// reading the segment costs little more.
func footerLimit(size int64) int64 { return size / 5 }

// footer is that of the segment which is written to, as far as it is known.
type footer struct {
	buf     []byte // the entries
	count   uint32 // of them
	end     uint32 // of the last one's record
	limit   int64
	omitted bool // it got too long, or the segment has no room for it
}

func (f *footer) reset(size int64) {
	*f = footer{buf: f.buf[:0], end: segmentHeader, limit: footerLimit(size)}
}

// grown is how long the footer is with one more entry, 0 if there will be none then.
// The caller says where the record will stand; the end of a group may come between.
func (f *footer) grown(at uint32, r Record) int64 {
	if f.omitted {
		return 0
	}
	n := int64(len(f.buf)) + trailerSize + int64(r.head) +
		uvarintLen(at-f.end) + uvarintLen(uint32(len(r.body))) + uvarintLen(r.head)
	if n > f.limit {
		return 0
	}
	return n
}

// add tells of a record.
func (f *footer) add(at, length uint32, head []byte) {
	if f.omitted {
		return
	}
	f.buf = binary.AppendUvarint(f.buf, uint64(at-f.end))
	f.buf = binary.AppendUvarint(f.buf, uint64(length))
	f.buf = binary.AppendUvarint(f.buf, uint64(len(head)))
	f.buf = append(f.buf, head...)
	f.count++
	f.end = at + recordHeader + length
	if int64(len(f.buf))+trailerSize > f.limit {
		f.buf, f.omitted = f.buf[:0], true
	}
}

// finish completes the footer of s, and says where it stands: its end is that of the
// file. nil: there is none.
func (f *footer) finish(s *segment, t trailer) (b []byte, at int64) {
	at = s.size - int64(len(f.buf)) - trailerSize
	if f.omitted || at < int64(t.end) {
		return nil, 0
	}
	t.length, t.count, t.sum = uint32(len(f.buf)), f.count, checksum(f.buf)
	f.buf = appendTrailer(f.buf, s.identity, t)
	return f.buf, at
}

func uvarintLen(n uint32) int64 { return int64(bits.Len32(n|1)+6) / 7 }

// trailer is the end of a footer and of its segment's file.
type trailer struct {
	length uint32 // of the entries before it
	count  uint32 // of them
	first  uint64 // sequence numbers of the segment's groups
	last   uint64
	synced uint64 // as the last group's end has it
	end    uint32 // of that group
	sum    uint32 // checksum of the entries
}

const trailerSize = 48

func appendTrailer(b []byte, id identity, t trailer) []byte {
	at := len(b)
	b = binary.LittleEndian.AppendUint32(b, t.length)
	b = binary.LittleEndian.AppendUint32(b, t.count)
	b = binary.LittleEndian.AppendUint64(b, t.first)
	b = binary.LittleEndian.AppendUint64(b, t.last)
	b = binary.LittleEndian.AppendUint64(b, t.synced)
	b = binary.LittleEndian.AppendUint32(b, t.end)
	b = binary.LittleEndian.AppendUint32(b, t.sum)
	b = binary.LittleEndian.AppendUint32(b, id.number)
	return binary.LittleEndian.AppendUint32(b, id.sum(b[at:]))
}

// parseTrailer takes the trailer of a segment of size bytes, nil if there is none.
func parseTrailer(b []byte, id identity, size int64) *trailer {
	if len(b) != trailerSize || binary.LittleEndian.Uint32(b[40:]) != id.number ||
		binary.LittleEndian.Uint32(b[44:]) != id.sum(b[:44]) {
		return nil
	}
	t := trailer{
		length: binary.LittleEndian.Uint32(b[0:]),
		count:  binary.LittleEndian.Uint32(b[4:]),
		first:  binary.LittleEndian.Uint64(b[8:]),
		last:   binary.LittleEndian.Uint64(b[16:]),
		synced: binary.LittleEndian.Uint64(b[24:]),
		end:    binary.LittleEndian.Uint32(b[32:]),
		sum:    binary.LittleEndian.Uint32(b[36:]),
	}
	if int64(t.end)+int64(t.length)+trailerSize > size || t.first == 0 || t.first > t.last || t.synced >= t.last {
		return nil
	}
	return &t
}

// entries takes a footer's entries one by one, checked: b has them all and t says what
// they must be. It reports whether they are sound; yield may stop it, too.
func (t *trailer) entries(b []byte, yield func(at, length uint32, head []byte) error) (sound bool, err error) {
	end := uint64(segmentHeader)
	for range t.count {
		var n [3]uint64 // gap, length, length of the head
		for i := range n {
			v, used := binary.Uvarint(b)
			if used <= 0 || v > uint64(t.end) {
				return false, nil
			}
			n[i], b = v, b[used:]
		}
		at := end + n[0]
		end = at + recordHeader + n[1]
		if end > uint64(t.end) || n[2] > n[1] || n[2] > uint64(len(b)) {
			return false, nil
		}
		if yield != nil {
			if err := yield(uint32(at), uint32(n[1]), b[:n[2]:n[2]]); err != nil {
				return true, err
			}
		}
		b = b[n[2]:]
	}
	return len(b) == 0, nil
}
