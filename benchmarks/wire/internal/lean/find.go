package lean

import "bytes"

// Find appends to dst the values of all string members of that name, in the order of b, which is JSON.
// A value is what stands between its quotes, escapes as they are: it can be put into another JSON
// string unchanged. It is a slice of b. Names inside strings are not told from members, so b must not
// be a text that somebody else chose.
func Find(dst [][]byte, b []byte, name string) [][]byte {
	for {
		i := bytes.Index(b, []byte(name))
		if i < 0 {
			return dst
		}
		opens := i > 0 && b[i-1] == '"'
		b = b[i+len(name):]
		rest, ok := bytes.CutPrefix(b, []byte(`"`))
		if !ok || !opens {
			continue
		}
		if rest, ok = bytes.CutPrefix(bytes.TrimLeft(rest, " "), []byte{':'}); !ok {
			continue
		}
		if rest, ok = bytes.CutPrefix(bytes.TrimLeft(rest, " "), []byte{'"'}); !ok {
			continue
		}
		end := closing(rest)
		if end < 0 {
			return dst
		}
		dst = append(dst, rest[:end])
		b = rest[end:]
	}
}

// closing is the index of the quote that ends the JSON string which begins with b, -1 without one.
func closing(b []byte) int {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	return -1
}
