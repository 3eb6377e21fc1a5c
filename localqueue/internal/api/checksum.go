package api

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
)

// MD5OfAttributes is SQS's checksum over attributes sorted by name, in hex; ""
// of none.
func MD5OfAttributes(attrs []Attribute) string {
	if len(attrs) == 0 {
		return ""
	}
	b := make([]byte, 0, 256)
	for i := range attrs {
		a := &attrs[i]
		b = lengthFirst(b, a.Name)
		b = lengthFirst(b, a.Type.S)
		if a.isBinary() {
			b = append(b, 2)
			b = binary.BigEndian.AppendUint32(b, uint32(len(a.Binary)))
			b = append(b, a.Binary...)
		} else {
			b = append(b, 1)
			b = lengthFirst(b, a.String.S)
		}
	}
	sum := md5.Sum(b)
	return hex.EncodeToString(sum[:])
}

func lengthFirst(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}
