package journal_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

func mustDir(t testing.TB, path string) *journal.Directory {
	t.Helper()
	d, err := journal.OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func TestRealDirectory(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a", "b")
	d := mustDir(t, path)
	h := newHistory()
	for range 3 {
		l, got, _ := mustOpen(t, d, journal.Options{SegmentSize: 16 << 10})
		if err := h.check(got); err != nil {
			t.Fatal(err)
		}
		for range 60 {
			if err := h.step(l, 5, journal.Synced); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.drop(l, h.places[len(h.places)-290].pos.Segment); err != nil {
			t.Fatal(err)
		}
		mustClose(t, l)
	}
}

func TestDirectoryInUse(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	d := mustDir(t, path)
	_, err := journal.OpenDir(path)
	held := (*journal.InUseError)(nil)
	if !errors.As(err, &held) || held.PID != os.Getpid() || !strings.Contains(err.Error(), fmt.Sprint("pid ", os.Getpid())) {
		t.Fatalf("second open: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	mustDir(t, path)
}

func TestDirectoryIsAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.OpenDir(path); err == nil {
		t.Fatal("a file was opened as a directory")
	}
}
