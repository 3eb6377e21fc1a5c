package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// The layout is drawn in doc.go.
const (
	version = 1
	magic   = "quayside"

	segmentHeader = 40 // at the beginning of a segment
	recordHeader  = 20 // before the body of each record
	endBody       = 28
	endSize       = recordHeader + endBody

	maxBody = 1<<24 - 1 // the length has 24 bits
)

// What follows a record header.
const (
	kindRecord byte = iota + 1
	kindEnd         // the end of a group
	kindSeal        // the end of a group and of its segment
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// identity tells a segment's records from all others, those included that were in
// its file before and those that somebody put into a body.
type identity struct {
	number uint32 // from 1; they rise
	salt   uint32 // drawn when the segment was made, and known to nobody else
	log    uint64 // id of the log, drawn when that was made
}

// sum is the checksum of a record's header, without the place for it.
func (id identity) sum(header []byte) uint32 { return crc32.Update(id.salt, castagnoli, header) }

// appendSegmentHeader is the beginning of a segment of size bytes.
func appendSegmentHeader(b []byte, id identity, size int64) []byte {
	at := len(b)
	b = append(b, magic...)
	b = append(b, version, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, id.number)
	b = binary.LittleEndian.AppendUint64(b, uint64(size))
	b = binary.LittleEndian.AppendUint32(b, id.salt)
	b = binary.LittleEndian.AppendUint64(b, id.log)
	return binary.LittleEndian.AppendUint32(b, checksum(b[at:]))
}

// parseSegmentHeader reads the identity and size of segment number, or says what is
// wrong.
func parseSegmentHeader(b []byte, number uint32) (id identity, size int64, err error) {
	if len(b) < segmentHeader {
		return id, 0, errors.New("the segment's header is cut short")
	}
	b = b[:segmentHeader]
	if string(b[:len(magic)]) != magic || binary.LittleEndian.Uint32(b[36:]) != checksum(b[:36]) {
		return id, 0, errors.New("the segment's header is not what was written")
	}
	if v := b[8]; v != version {
		return id, 0, &versionError{v}
	}
	if n := binary.LittleEndian.Uint32(b[12:]); n != number {
		return id, 0, fmt.Errorf("the segment's header is that of segment %d", n)
	}
	size = int64(binary.LittleEndian.Uint64(b[16:]))
	if size < minSegment || size > maxSegment {
		return id, 0, fmt.Errorf("the segment's header says %d bytes, which no segment has", size)
	}
	return identity{number, binary.LittleEndian.Uint32(b[24:]), binary.LittleEndian.Uint64(b[28:])}, size, nil
}

// versionError is no damage: another version of this program wrote the file.
type versionError struct{ version byte }

func (e *versionError) Error() string {
	return fmt.Sprintf("the layout has version %d, this program reads version %d: open it with the program that wrote it", e.version, version)
}

func appendRecordHeader(b []byte, id identity, kind byte, r Record) []byte {
	at := len(b)
	b = append(b, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, id.number)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(r.body))<<8|uint32(kind))
	b = binary.LittleEndian.AppendUint32(b, r.head)
	b = binary.LittleEndian.AppendUint32(b, r.sum)
	binary.LittleEndian.PutUint32(b[at:], id.sum(b[at+4:]))
	return b
}

// frame is a record taken from a segment, checked.
type frame struct {
	kind byte
	head []byte // of the body
	body []byte
}

func (f *frame) size() int { return recordHeader + len(f.body) }

// What parseFrame finds instead of a record.
var (
	errNothing  = errors.New("no record of this segment begins here")
	errCutShort = errors.New("the record runs past the end of the segment")
	errBody     = errors.New("the record's body does not match its checksum")
	errKind     = errors.New("the record is of a kind that this version does not write")
)

// parseFrame takes the record at the beginning of b, which is the rest of a
// segment or more of a file.
func parseFrame(b []byte, id identity) (frame, error) {
	if len(b) < recordHeader || binary.LittleEndian.Uint32(b[4:]) != id.number ||
		binary.LittleEndian.Uint32(b) != id.sum(b[4:recordHeader]) {
		return frame{}, errNothing
	}
	kind, length := parseWord(b)
	if length > len(b)-recordHeader {
		return frame{}, errCutShort
	}
	body := b[recordHeader : recordHeader+length]
	if binary.LittleEndian.Uint32(b[16:]) != checksum(body) {
		return frame{}, errBody
	}
	head := binary.LittleEndian.Uint32(b[12:])
	if kind < kindRecord || kind > kindSeal || kind != kindRecord && length != endBody || int64(head) > int64(length) {
		return frame{}, errKind
	}
	return frame{kind, body[:head], body}, nil
}

// parseWord reads the kind of a record and the length of its body from its header.
func parseWord(header []byte) (kind byte, length int) {
	word := binary.LittleEndian.Uint32(header[8:])
	return byte(word), int(word >> 8)
}

// parseHead reads the length of a record's head from its header, which was checked.
func parseHead(header []byte) uint32 { return binary.LittleEndian.Uint32(header[12:]) }

// chain is the checksum of the headers of a group's records, one more included.
func chain(sum uint32, header []byte) uint32 { return crc32.Update(sum, castagnoli, header) }

// end is what stands at the end of a group.
type end struct {
	seq    uint64 // of the group; they rise by one, through all segments
	synced uint64 // every group up to this one was on the disk before this one was written
	start  uint32 // offset of the group's first record
	count  uint32 // of its records
	sum    uint32 // checksum of their headers, which have the checksums of the bodies
}

func appendEnd(b []byte, id identity, kind byte, e end) []byte {
	var body [endBody]byte
	binary.LittleEndian.PutUint64(body[0:], e.seq)
	binary.LittleEndian.PutUint64(body[8:], e.synced)
	binary.LittleEndian.PutUint32(body[16:], e.start)
	binary.LittleEndian.PutUint32(body[20:], e.count)
	binary.LittleEndian.PutUint32(body[24:], e.sum)
	b = appendRecordHeader(b, id, kind, Record{body[:], 0, checksum(body[:])})
	return append(b, body[:]...)
}

func parseEnd(body []byte) end {
	return end{
		seq:    binary.LittleEndian.Uint64(body[0:]),
		synced: binary.LittleEndian.Uint64(body[8:]),
		start:  binary.LittleEndian.Uint32(body[16:]),
		count:  binary.LittleEndian.Uint32(body[20:]),
		sum:    binary.LittleEndian.Uint32(body[24:]),
	}
}

// endPattern is what every end of a group of a segment has in its header, apart
// from its kind.
func endPattern(segment uint32, kind byte) []byte {
	p := binary.LittleEndian.AppendUint32(nil, segment)
	return binary.LittleEndian.AppendUint32(p, endBody<<8|uint32(kind))
}
