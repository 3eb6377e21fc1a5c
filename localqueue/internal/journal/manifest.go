package journal

import (
	"encoding/binary"
	"errors"
	"slices"
)

// manifest says which segments a log has, and how far it was on the disk.
type manifest struct {
	generation uint64   // the newest counts
	log        uint64   // id of the log
	synced     uint64   // sequence number of the last group known to be on the disk
	next       uint32   // number that no segment has had yet: what has it, or a later one, is newer than this
	segments   []uint32 // their numbers, in order
}

// The layout is drawn in doc.go.
const (
	manifestMagic  = "quaylist"
	manifestHeader = 48      // before the bitmap; the CRC is behind it
	manifestUnit   = 512     // a manifest takes whole ones, so that its file hardly ever grows
	manifestMost   = 1 << 24 // more is none
)

var errManifest = errors.New("it is not what was written")

// append appends m as it stands in its file.
func (m *manifest) append(b []byte) []byte {
	at := len(b)
	lowest, bits := m.next, 0
	if n := len(m.segments); n > 0 {
		lowest, bits = m.segments[0], int(m.segments[n-1]-m.segments[0])+1
	}
	length := manifestHeader + (bits+7)/8 + 4
	b = append(b, manifestMagic...)
	b = append(b, version, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(length))
	b = binary.LittleEndian.AppendUint64(b, m.generation)
	b = binary.LittleEndian.AppendUint64(b, m.log)
	b = binary.LittleEndian.AppendUint64(b, m.synced)
	b = binary.LittleEndian.AppendUint32(b, m.next)
	b = binary.LittleEndian.AppendUint32(b, lowest)
	b = append(b, make([]byte, (bits+7)/8)...)
	for _, n := range m.segments {
		b[at+manifestHeader+int(n-lowest)/8] |= 1 << ((n - lowest) % 8)
	}
	b = binary.LittleEndian.AppendUint32(b, checksum(b[at:]))
	return append(b, make([]byte, -length&(manifestUnit-1))...)
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
		log:        binary.LittleEndian.Uint64(b[24:]),
		synced:     binary.LittleEndian.Uint64(b[32:]),
		next:       binary.LittleEndian.Uint32(b[40:]),
	}
	lowest := uint64(binary.LittleEndian.Uint32(b[44:]))
	for i, bits := range b[manifestHeader : length-4] {
		for bit := range 8 {
			if bits&(1<<bit) == 0 {
				continue
			}
			n := lowest + uint64(8*i+bit)
			if n == 0 || n >= uint64(m.next) {
				return m, errManifest
			}
			m.segments = append(m.segments, uint32(n))
		}
	}
	if m.next == 0 || m.generation == 0 {
		return m, errManifest
	}
	return m, nil
}

// alike reports whether m and o say the same of segments.
func (m *manifest) alike(o *manifest) bool {
	return m.next == o.next && slices.Equal(m.segments, o.segments)
}
