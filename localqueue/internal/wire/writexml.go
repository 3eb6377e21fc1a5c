package wire

import (
	"math/bits"
	"unicode/utf8"
)

// appendXML appends s as it stands between two tags: the five characters of markup
// are escaped, and the carriage return, which a parser would read as a newline. What
// is not UTF-8 or no character of XML 1.0 becomes U+FFFD.
func appendXML(dst []byte, s string) []byte {
	done := 0 // s[:done] is written, s[done:i] needs no escape
	for i := 0; ; {
		i += plainXML(s[i:])
		if i == len(s) {
			return append(dst, s[done:]...)
		}
		esc, n := escapeXML(s[i:])
		if esc != "" {
			dst = append(dst, s[done:i]...)
			dst = append(dst, esc...)
			done = i + n
		}
		i += n
	}
}

// plainXML is the length of a run at the beginning of s that is ASCII and may stand in
// XML as it is.
func plainXML(s string) (n int) {
	for ; len(s) >= 8; s = s[8:] {
		if stops := stopsXML(eight(s)); stops != 0 {
			return n + bits.TrailingZeros64(stops)/8
		}
		n += 8
	}
	for i := 0; i < len(s) && s[i] < utf8.RuneSelf; i++ {
		if esc, _ := escapeXML(s[i:]); esc != "" {
			break
		}
		n++
	}
	return n
}

// stopsXML marks, in the highest bits of their bytes, what ends a plain run in the
// eight bytes of x: the characters of markup, all below space, all from 0x80 on. Only
// the first mark is to be relied on.
func stopsXML(x uint64) uint64 {
	low := x ^ ones*2                // the quote comes just above those below space
	amp := (x | ones) ^ ones*'\''    // & and ' differ in the lowest bit
	angle := (x | ones*2) ^ ones*'>' // < and > differ in the next
	return ((low - ones*'!') | (amp - ones) | (angle - ones) | x) & highs
}

// escapeXML is what stands for the first character of s, and its length; or nothing
// and the length of what may stay as it is, one character at least.
func escapeXML(s string) (esc string, n int) {
	switch c := s[0]; {
	case c == '&':
		return "&amp;", 1
	case c == '<':
		return "&lt;", 1
	case c == '>':
		return "&gt;", 1
	case c == '"':
		return "&quot;", 1
	case c == '\'':
		return "&apos;", 1
	case c == '\r':
		return "&#xD;", 1
	case c == '\n' || c == '\t' || c >= ' ' && c < utf8.RuneSelf:
		return "", 1
	case c < ' ':
		return "\uFFFD", 1
	}
	if n := foreignXML(s); n > 0 {
		return "", n
	}
	_, n = utf8.DecodeRuneInString(s)
	return "\uFFFD", n
}

// foreignXML is the length of the longest beginning of s that has no ASCII and may
// stand in XML as it is.
func foreignXML(s string) (n int) {
	for n < len(s) && s[n] >= utf8.RuneSelf {
		r, size := utf8.DecodeRuneInString(s[n:])
		if r == utf8.RuneError && size == 1 || r == 0xFFFE || r == 0xFFFF {
			break
		}
		n += size
	}
	return n
}
