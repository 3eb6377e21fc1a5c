package main

import (
	"errors"
	"strings"
	"unicode"
)

// splitCommand splits a command at its blanks. What stands between quotes, ' or ", holds
// together; nothing else is special, so that paths of Windows stay as they are.
func splitCommand(text string) (words []string, err error) {
	var word strings.Builder
	var quote rune // 0: outside
	inside := false
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, inside = r, true
		case quote == 0 && unicode.IsSpace(r):
			if inside {
				words = append(words, word.String())
				word.Reset()
			}
			inside = false
		default:
			word.WriteRune(r)
			inside = true
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote is not closed")
	}
	if inside {
		words = append(words, word.String())
	}
	return words, nil
}
