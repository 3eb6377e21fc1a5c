package wire

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// quoted reads the string that begins here, as a view into the document, where
// escapes are replaced in place.
func (s *scanner) quoted() string {
	from := s.at + 1
	end := from + plain(view(s.doc[from:]))
	if end < len(s.doc) && s.doc[end] == '"' {
		s.at = end + 1
		return view(s.doc[from:end])
	}
	return s.unescape(from, end)
}

// unescape is quoted for a string that begins at from and is plain up to at.
// What it writes never gets ahead of what it reads: no escape is shorter than
// the character it stands for.
func (s *scanner) unescape(from, at int) string {
	doc := s.doc
	for to := at; ; {
		to, at = unescapeShort(doc, to, at)
		if at < len(doc) && doc[at] == '"' {
			s.at = at + 1
			return view(doc[from:to])
		}
		r, n := escape(doc[at:])
		if n == 0 {
			s.badString(at)
			return ""
		}
		to += len(appendRune(doc[to:to], r))
		at += n
	}
}

// unescapeShort moves what stands at b[at] to b[to], up to the first byte that is
// neither plain nor part of a short escape, and returns where that is and where it
// would go.
func unescapeShort(b []byte, to, at int) (int, int) {
	for {
		var n int
		if at+8 <= len(b) {
			x := binary.LittleEndian.Uint64(b[at:])
			m := special(x)
			if m == 0 {
				binary.LittleEndian.PutUint64(b[to:], x)
				to, at = to+8, at+8
				continue
			}
			n = bits.TrailingZeros64(m) >> 3
			if at+n-to >= 8 { // eight bytes at once reach nothing that is unread
				binary.LittleEndian.PutUint64(b[to:], x)
			} else {
				copy(b[to:], b[at:at+n])
			}
		} else {
			n = plain(view(b[at:]))
			copy(b[to:], b[at:at+n])
		}
		to, at = to+n, at+n
		if at+1 >= len(b) || b[at] != '\\' || short[b[at+1]] == 0 {
			return to, at
		}
		b[to] = short[b[at+1]]
		to, at = to+1, at+2
	}
}

// pass steps over the string that begins here and changes nothing.
func (s *scanner) pass() {
	doc := s.doc
	for at := s.at + 1; ; {
		at += plain(view(doc[at:]))
		if at < len(doc) && doc[at] == '"' {
			s.at = at + 1
			return
		}
		_, n := escape(doc[at:])
		if n == 0 {
			s.badString(at)
			return
		}
		at += n
	}
}

// badString refuses what stands at that place of a string. Of an escape it is
// what follows the backslash.
func (s *scanner) badString(at int) {
	if s.at = at; at < len(s.doc) && s.doc[at] == '\\' {
		s.at++
	}
	s.syntax()
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special marks, in the highest bits of their bytes, those of the eight
// characters in x that end a plain run: quote, backslash, and all below space.
// Only the first mark is to be relied on.
func special(x uint64) uint64 {
	quote := x ^ ones*2 // swaps quote and space: both kinds are below '!' now
	slash := x ^ ones*'\\'
	return ((quote-ones*'!')&^quote | (slash-ones)&^slash) & highs
}

// plain is the length of the run at the beginning of text that may stand in a
// string as it is. Bytes that are not UTF-8 may.
func plain(text string) int {
	n := 0
	for ; len(text) >= 32; text = text[32:] { // most texts are plain to their end
		if special(eight(text))|special(eight(text[8:]))|special(eight(text[16:]))|special(eight(text[24:])) != 0 {
			break
		}
		n += 32
	}
	for ; len(text) >= 8; text = text[8:] {
		if m := special(eight(text)); m != 0 {
			return n + bits.TrailingZeros64(m)>>3
		}
		n += 8
	}
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' {
			break
		}
		n++
	}
	return n
}

// short is what the letter after a backslash stands for, 0 if it is not one of
// the short escapes.
var short = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// escape reads the escape that b begins with and returns its length, 0 if it is
// none. Half of a surrogate pair, if alone, is itself.
func escape(b []byte) (r rune, n int) {
	if len(b) >= 2 && b[0] == '\\' && short[b[1]] != 0 {
		return rune(short[b[1]]), 2
	}
	r, ok := unit(b)
	if !ok {
		return 0, 0
	}
	if utf16.IsSurrogate(r) {
		if low, ok := unit(b[6:]); ok {
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				return both, 12
			}
		}
	}
	return r, 6
}

// unit reads \uXXXX.
func unit(b []byte) (r rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	for _, c := range b[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// appendRune appends r as UTF-8. A surrogate, which has no place in UTF-8, gets
// the three bytes that its number would have: the rules for texts refuse those,
// where U+FFFD would pass for something that was sent.
func appendRune(b []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(b, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
	}
	return utf8.AppendRune(b, r)
}
