package journal

import (
	"encoding/binary"
	"errors"
	"slices"
)

// manifest says which segments a log has, and how far it was on the disk.
type manifest struct {
	generation uint64   // the newest counts
	closed     bool     // Close wrote it, and all that was appended is on the disk
	log        uint64   // id of the log
	synced     uint64   // sequence number of the last group known to be on the disk
	next       uint32   // number that no segment has had yet: what has it, or a later one, is newer than this
	segments   []uint32 // their numbers, in order
	leaving    []uint32 // of dropped ones that may still be there under their names, in order
}

// The layout is drawn in doc.go.
const (
	manifestMagic  = "quaylist"
	manifestFlags  = 9
	manifestHeader = 48      // before the bitmaps; the CRC is behind them
	manifestUnit   = 512     // a manifest takes whole ones, so that its file hardly ever grows
	manifestMost   = 1 << 24 // more is none
)

var errManifest = errors.New("it is not what was written")

// append appends m as it stands in its file.
func (m *manifest) append(b []byte) []byte {
	at := len(b)
	lowest, each := m.span()
	length := manifestHeader + 2*each + 4
	b = append(b, manifestMagic...)
	b = append(b, version, 0, 0, 0)
	if m.closed {
		b[at+manifestFlags] = 1
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(length))
	b = binary.LittleEndian.AppendUint64(b, m.generation)
	b = binary.LittleEndian.AppendUint64(b, m.log)
	b = binary.LittleEndian.AppendUint64(b, m.synced)
	b = binary.LittleEndian.AppendUint32(b, m.next)
	b = binary.LittleEndian.AppendUint32(b, lowest)
	for _, list := range [][]uint32{m.segments, m.leaving} {
		b = append(b, make([]byte, each)...)
		for _, n := range list {
			b[len(b)-each+int(n-lowest)/8] |= 1 << ((n - lowest) % 8)
		}
	}
	b = binary.LittleEndian.AppendUint32(b, checksum(b[at:]))
	return append(b, make([]byte, -length&(manifestUnit-1))...)
}

// span is the first number of the bitmaps, and how many bytes each has.
func (m *manifest) span() (lowest uint32, each int) {
	all := slices.Concat(m.segments, m.leaving)
	if len(all) == 0 {
		return m.next, 0
	}
	lowest = slices.Min(all)
	return lowest, int(slices.Max(all)-lowest)/8 + 1
}

// parseManifest reads what append wrote; what stands behind it in b does not matter.
func parseManifest(b []byte) (m manifest, err error) {
	if len(b) < manifestHeader+4 || string(b[:len(manifestMagic)]) != manifestMagic {
		return m, errManifest
	}
	length := int64(binary.LittleEndian.Uint32(b[12:]))
	if length < manifestHeader+4 || length > int64(len(b)) {
		return m, errManifest
	}
	b = b[:length]
	if body := b[:length-4]; binary.LittleEndian.Uint32(b[length-4:]) != checksum(body) {
		return m, errManifest
	}
	if v := b[8]; v != version {
		return m, &versionError{v}
	}
	m = manifest{
		generation: binary.LittleEndian.Uint64(b[16:]),
		closed:     b[manifestFlags] == 1,
		log:        binary.LittleEndian.Uint64(b[24:]),
		synced:     binary.LittleEndian.Uint64(b[32:]),
		next:       binary.LittleEndian.Uint32(b[40:]),
	}
	if m.next == 0 || m.generation == 0 || b[manifestFlags] > 1 || !m.parseBitmaps(b[manifestHeader:length-4], binary.LittleEndian.Uint32(b[44:])) {
		return m, errManifest
	}
	return m, nil
}

// parseBitmaps reports whether a segment is in one of them at the most, and all had been made.
func (m *manifest) parseBitmaps(b []byte, lowest uint32) bool {
	each := len(b) / 2
	for i := range 8 * each {
		bit, n := byte(1)<<(i%8), uint64(lowest)+uint64(i)
		there, leaving := b[i/8]&bit != 0, b[each+i/8]&bit != 0
		switch {
		case !there && !leaving:
			continue
		case there && leaving, n == 0, n >= uint64(m.next):
			return false
		case there:
			m.segments = append(m.segments, uint32(n))
		default:
			m.leaving = append(m.leaving, uint32(n))
		}
	}
	return len(b)%2 == 0
}

// alike reports whether m and o say the same of segments.
func (m *manifest) alike(o *manifest) bool {
	return m.next == o.next && slices.Equal(m.segments, o.segments) && slices.Equal(m.leaving, o.leaving)
}
