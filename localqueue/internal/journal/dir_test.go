package journal_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
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

// TestWithoutTheLockFile: what is locked is the directory, so that nobody gets in because
// somebody cleaned up.
func TestWithoutTheLockFile(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("on Windows the file is what is locked, and cannot be removed")
	}
	path := t.TempDir()
	d := mustDir(t, path)
	l, _, _ := mustOpen(t, d, small)
	if err := os.Remove(filepath.Join(path, "lock")); err != nil {
		t.Fatal(err)
	}
	for who, open := range map[string]func() error{
		"a second one": func() error {
			d, err := journal.OpenDir(path)
			if err == nil {
				d.Close()
			}
			return err
		},
		"inspect": func() error {
			_, err := journal.Inspect(path, true, func(journal.Entry) error { return nil })
			return err
		},
	} {
		held := (*journal.InUseError)(nil)
		if err := open(); !errors.As(err, &held) || held.PID != 0 || !strings.Contains(err.Error(), "another process") {
			t.Errorf("%s: %v", who, err)
		}
	}
	if _, err := os.Stat(filepath.Join(path, "lock")); err == nil {
		t.Error("who is refused makes no lock")
	}
	mustAppend(t, l, []byte("on it goes"), journal.Synced)
	mustClose(t, l)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	mustDir(t, path)
}

// TestSyncNeedsNoFile: the names in a directory are synced by the file that locks it.
func TestSyncNeedsNoFile(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("names are not synced on Windows")
	}
	path := filepath.Join(t.TempDir(), "log")
	d := mustDir(t, path)
	if err := os.Rename(path, path+" moved"); err != nil { // nothing can be opened by the old name
		t.Fatal(err)
	}
	if err := d.Sync(); err != nil {
		t.Error(err)
	}
}

// TestDirectoryMoved: who has a directory stays in it, whatever gets its name meanwhile.
func TestDirectoryMoved(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("on Windows a directory with open files cannot be renamed")
	}
	path := filepath.Join(t.TempDir(), "log")
	moved := path + " moved"
	d := mustDir(t, path)
	h := newHistory()
	o := journal.Options{SegmentSize: 16 << 10}
	l, _, _ := mustOpen(t, d, o)
	steps := func() {
		t.Helper()
		for range 60 {
			if err := h.step(l, 5, journal.Synced); err != nil {
				t.Fatal(err)
			}
		}
	}
	steps()
	before := h.places[len(h.places)-1].pos.Segment
	if err := os.Rename(path, moved); err != nil {
		t.Fatal(err)
	}
	other := mustDir(t, path) // another one, which nobody has
	steps()
	if err := h.drop(l, 1); err != nil {
		t.Fatal(err)
	}
	steps()
	last := h.places[len(h.places)-1].pos.Segment
	if _, err := os.Stat(filepath.Join(moved, name(last))); err != nil || last < before+4 {
		t.Errorf("segments %d to %d: %v", before, last, err)
	}
	if _, err := os.Stat(filepath.Join(moved, name(1))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the dropped one: %v", err)
	}
	if names, err := other.List(); err != nil || !slices.Equal(names, []string{"lock"}) {
		t.Errorf("in the other one: %v, %v", names, err)
	}
	if _, err := journal.OpenDir(moved); !errors.As(err, new(*journal.InUseError)) {
		t.Errorf("opened twice: %v", err)
	}
	mustClose(t, l)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	l, got, _ := mustOpen(t, mustDir(t, moved), o)
	if err := h.check(got); err != nil {
		t.Error(err)
	}
	mustClose(t, l)
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
