package api

import (
	"unicode/utf8"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// legalText reports whether every character of s may stand in a message:
// #x9 #xA #xD #x20-#xD7FF #xE000-#xFFFD #x10000-#x10FFFF, as UTF-8.
func legalText(s string) bool {
	for i := 0; i < len(s); {
		if plain := plainPrefix(s[i:]); plain > 0 {
			i += plain
			continue
		}
		c := s[i]
		if c < utf8.RuneSelf {
			if c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || r == 0xFFFE || r == 0xFFFF {
			return false
		}
		i += n
	}
	return true
}

// plainPrefix is how many bytes at the beginning of s, counted in eights, are
// ASCII characters from space on.
func plainPrefix(s string) int {
	const (
		high  = 0x8080808080808080
		space = 0x2020202020202020
	)
	n := 0
	for ; len(s)-n >= 8; n += 8 {
		p := s[n : n+8]
		x := uint64(p[0]) | uint64(p[1])<<8 | uint64(p[2])<<16 | uint64(p[3])<<24 |
			uint64(p[4])<<32 | uint64(p[5])<<40 | uint64(p[6])<<48 | uint64(p[7])<<56
		if (x|(x-space))&high != 0 { // a byte of 0x80 or more, or one that borrowed
			break
		}
	}
	return n
}

const illegalText = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"

// checkID is the rule of MessageGroupId, MessageDeduplicationId and
// ReceiveRequestAttemptId: 1-128 printable ASCII characters but space.
func checkID(parameter, v string) error {
	ok := len(v) >= 1 && len(v) <= 128
	for i := 0; i < len(v) && ok; i++ {
		ok = v[i] > ' ' && v[i] < 0x7f
	}
	if ok {
		return nil
	}
	return engine.Errorf(engine.CodeInvalidParameterValue,
		"Value %s for parameter %s is invalid. Reason: %s can only include alphanumeric and punctuation characters. 1 to 128 in length.",
		v, parameter, parameter)
}

// wrongKind refuses a parameter that this kind of queue does not know.
func wrongKind(parameter string, v any) error {
	return engine.Errorf(engine.CodeInvalidParameterValue,
		"Value %v for parameter %s is invalid. Reason: The request include parameter that is not valid for this queue type.", v, parameter)
}

// Missing is the error for an absent required parameter.
func Missing(parameter string) error {
	return engine.Errorf(engine.CodeMissingParameter, "The request must contain the parameter %s.", parameter)
}
