package payload

import (
	"crypto/rand"
	"fmt"
	"strings"
)

const (
	// keyLetters are the characters that keys are made of; the Amazon clients allow no
	// others in a prefix.
	keyLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_-"
	maxKey     = 1024 // bytes, of S3
	uuidSize   = 36
)

// checkPrefix says what is wrong with a prefix of keys.
func checkPrefix(prefix string) error {
	if !lettersOnly(prefix) {
		return fmt.Errorf("the prefix %q has characters other than letters, digits and ./_-", prefix)
	}
	if len(prefix)+uuidSize > maxKey {
		return fmt.Errorf("the prefix has %d bytes, more than the %d that leave room for a UUID", len(prefix), maxKey-uuidSize)
	}
	return nil
}

// lettersOnly reports whether s consists of keyLetters.
func lettersOnly(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(keyLetters, r) })
}

// newKey returns a random UUID (version 4) behind prefix.
func newKey(prefix string) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it does not fail
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%s%x-%x-%x-%x-%x", prefix, b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
