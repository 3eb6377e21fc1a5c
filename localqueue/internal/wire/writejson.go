package wire

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// appendJSON appends s as it stands between the quotes of a JSON string: quote,
// backslash and control characters are escaped, each byte that is not UTF-8 becomes
// \ufffd, and nothing else changes.
func appendJSON(dst []byte, s string) []byte {
	n := plainASCII(s)
	dst = append(dst, s[:n]...)
	switch s = s[n:]; {
	case s == "":
		return dst
	case utf8.ValidString(s):
		return appendRawJSON(dst, s)
	}
	return appendBrokenJSON(dst, s)
}

// plainASCII is the length of the run at the beginning of s that may stand in a JSON
// string as it is and is ASCII.
func plainASCII(s string) (n int) {
	for ; len(s) >= 32; s = s[32:] { // most texts are plain to their end
		a, b, c, d := eight(s), eight(s[8:]), eight(s[16:]), eight(s[24:])
		if special(a)|special(b)|special(c)|special(d)|(a|b|c|d)&highs != 0 {
			break
		}
		n += 32
	}
	for ; len(s) >= 8; s = s[8:] {
		x := eight(s)
		if stops := special(x) | x&highs; stops != 0 {
			return n + bits.TrailingZeros64(stops)/8
		}
		n += 8
	}
	for i := 0; i < len(s) && s[i] < utf8.RuneSelf && !escapedJSON(s[i]); i++ {
		n++
	}
	return n
}

// appendRawJSON is appendJSON for what is UTF-8, or is to stay what it is. It copies
// eight bytes at a time, those after a character that must be escaped too, and goes
// back there.
func appendRawJSON(dst []byte, s string) []byte {
	const room = 16 // a word, or a part of one and an escape
	for len(s) >= 8 {
		end := len(dst)
		if cap(dst)-end < room {
			dst = slices.Grow(dst, len(s)+room)
		}
		x := eight(s)
		dst = dst[:end+8]
		binary.LittleEndian.PutUint64(dst[end:], x)
		stops := special(x)
		if stops == 0 {
			s = s[8:]
			continue
		}
		n := bits.TrailingZeros64(stops) / 8
		dst = escapeJSON(dst[:end+n], s[n])
		s = s[n+1:]
	}
	for i := range len(s) {
		if escapedJSON(s[i]) {
			dst = escapeJSON(dst, s[i])
		} else {
			dst = append(dst, s[i])
		}
	}
	return dst
}

// appendBrokenJSON is appendJSON for what is not all UTF-8.
func appendBrokenJSON(dst []byte, s string) []byte {
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			dst = append(dst, `\ufffd`...)
		case escapedJSON(s[0]):
			dst = escapeJSON(dst, s[0])
		default:
			dst = append(dst, s[:n]...)
		}
		s = s[n:]
	}
	return dst
}

// escapedJSON reports whether c may not stand in a JSON string as it is.
func escapedJSON(c byte) bool { return c < ' ' || c == '"' || c == '\\' }

// shortJSON has the letters of the short escapes.
var shortJSON = [256]byte{'"': '"', '\\': '\\', '\n': 'n', '\r': 'r', '\t': 't'}

// escapeJSON appends the escape of a quote, a backslash or a control character.
func escapeJSON(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	if letter := shortJSON[c]; letter != 0 {
		return append(dst, '\\', letter)
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// eight is the word of the first eight bytes of s, the first in the lowest place.
func eight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
