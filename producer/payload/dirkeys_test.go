package payload_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/producer/payload"
)

// A directory takes every key that Offload makes, if no part of it is too long for a file.
func TestDirLongestKey(t *testing.T) {
	t.Parallel()
	d, _ := openDir(t)
	key := strings.Repeat("ab/", 329) + strings.Repeat("x", 37) // 988 of a prefix, and a UUID
	if err := put(d, key, "x"); err != nil {
		t.Fatal(err)
	}
	if got, err := get(d, key); got != "x" || err != nil {
		t.Errorf("Get = %q, %v", got, err)
	}
	if err := d.Delete(t.Context(), key); err != nil {
		t.Errorf("Delete = %v", err)
	}
	if err := put(d, key+"x", "x"); err == nil || !strings.Contains(err.Error(), "cannot be the key of a file") {
		t.Errorf("Put with a key of 1025 bytes = %v", err)
	}
}

// Where no file can be, there is none.
func TestDirWhereNothingCanBe(t *testing.T) {
	t.Parallel()
	d, _ := openDir(t)
	if err := put(d, "a", "x"); err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]string{"beneath a file": "a/b", "a long name": strings.Repeat("x", 256)} {
		if _, err := get(d, key); !errors.Is(err, payload.ErrNotFound) {
			t.Errorf("%s: Get = %v, want an ErrNotFound", name, err)
		}
		if err := d.Delete(t.Context(), key); err != nil {
			t.Errorf("%s: Delete = %v", name, err)
		}
	}
}
