package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLarge compares what is received with what was sent.
func TestLarge(t *testing.T) {
	t.Parallel()
	small := filepath.Join(t.TempDir(), "small")
	if err := os.WriteFile(small, []byte("small"), 0o600); err != nil {
		t.Fatal(err)
	}
	large := filepath.Join(t.TempDir(), "large")
	if err := fill(large); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ file, received string }{
		{small, " 5 bytes, by a message of 5"},
		{large, " 52428800 bytes, by a message of 127"},
	} {
		var said bytes.Buffer
		if err := show(t.Context(), &said, test.file, filepath.Join(t.TempDir(), "bodies")); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(said.String(), "\n")
		if len(lines) != 4 || lines[2] != "left     0 files" {
			t.Fatalf("said:\n%s", &said)
		}
		sent, received := strings.Fields(lines[0]), strings.Fields(lines[1])
		if len(sent[1]) != 64 || sent[1] != received[1] || !strings.HasSuffix(lines[1], test.received) {
			t.Errorf("said:\n%s", &said)
		}
	}
}
