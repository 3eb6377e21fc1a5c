package journal_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// laidOut is a directory with the log of sound in it.
func laidOut(t *testing.T) (path string, h *history, last journal.Pos) {
	t.Helper()
	d, h, last, _ := sound(t)
	path = filepath.Join(t.TempDir(), "log")
	mustDir(t, path).Close()
	for _, n := range d.Files() {
		write(t, filepath.Join(path, n), d.Bytes(n))
	}
	return path, h, last
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// contents is all that there is in a directory.
func contents(t *testing.T, path string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(path, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		info, _ := e.Info()
		all[name] = info.ModTime().String() + string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestInspect finds what Open finds, and changes nothing.
func TestInspect(t *testing.T) {
	t.Parallel()
	path, h, last := laidOut(t)
	file := filepath.Join(path, name(last.Segment))
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b[last.Offset+30] ^= 1 // the last group is lost
	write(t, file, b)
	before := contents(t, path)
	var reports [2]journal.Report
	for i, whole := range []bool{false, true} {
		n := 0
		reports[i], err = journal.Inspect(path, whole, func(e journal.Entry) error {
			if _, err := h.number(h.places[n].body); err != nil || e.Pos != h.places[n].pos {
				t.Fatalf("record %d is at %v", n, e.Pos)
			}
			if full := len(e.Head) == int(e.Length); !full && (whole || e.Pos.Segment == last.Segment) {
				t.Fatalf("record %d at %v: only %d bytes", n, e.Pos, len(e.Head))
			}
			n++
			return nil
		})
		if err != nil || n != len(h.places)-1 {
			t.Fatalf("%d of %d records, %v", n, len(h.places), err)
		}
		if !reflect.DeepEqual(contents(t, path), before) {
			t.Fatal("Inspect changed something")
		}
	}
	l, _, report := mustOpen(t, mustDir(t, path), small)
	mustClose(t, l)
	if report.Cut == nil || !reflect.DeepEqual(reports[0], report) || !reflect.DeepEqual(reports[1], report) {
		t.Errorf("Open reports %+v, Inspect %+v and %+v", report, reports[0], reports[1])
	}
}

// TestInspectFindsDamage tells the first damage, and replays what stands before it.
func TestInspectFindsDamage(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		at    int64
		whole bool
		found bool
	}{
		"a record, read whole": {200, true, true},
		"a record, by footers": {200, false, false},
		"header, read whole":   {20, true, true},
		"header, by footers":   {20, false, true},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			path, h, _ := laidOut(t)
			f, err := os.OpenFile(filepath.Join(path, name(2)), os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.WriteAt([]byte("damage"), c.at); err != nil {
				t.Fatal(err)
			}
			var last journal.Pos
			report, err := journal.Inspect(path, c.whole, func(e journal.Entry) error {
				last = e.Pos
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if !c.found {
				if report.Damage != nil || int(report.Records) != len(h.places) {
					t.Fatalf("found %v, %d records", report.Damage, report.Records)
				}
				return
			}
			if d := report.Damage; d == nil || d.File != name(2) || int64(d.Pos.Offset) > c.at {
				t.Fatalf("found %v", d)
			}
			if last.Segment > 2 || last.Segment == 2 && int64(last.Offset) > c.at || last.Segment < 1 {
				t.Fatalf("the last record replayed is at %v", last)
			}
		})
	}
}

func TestInspectRefuses(t *testing.T) {
	t.Parallel()
	nothing := func(journal.Entry) error { return nil }
	missing := filepath.Join(t.TempDir(), "missing")
	if _, err := journal.Inspect(missing, false, nothing); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("a directory that is missing: %v", err)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("Inspect made a directory")
	}
	empty := t.TempDir()
	if _, err := journal.Inspect(empty, false, nothing); err == nil || !strings.Contains(err.Error(), "no journal in "+empty) {
		t.Errorf("an empty directory: %v", err)
	}
	path, h, _ := laidOut(t)
	held := mustDir(t, path)
	if _, err := journal.Inspect(path, false, nothing); !errors.As(err, new(*journal.InUseError)) {
		t.Errorf("a directory in use: %v", err)
	}
	held.Close()
	enough := errors.New("enough")
	_, err := journal.Inspect(path, false, func(journal.Entry) error {
		d, err := journal.OpenDir(path)
		if !errors.As(err, new(*journal.InUseError)) {
			t.Errorf("opened meanwhile: %v", err)
			d.Close()
		}
		return enough
	})
	if !errors.Is(err, enough) {
		t.Errorf("replay's error: %v", err)
	}
	if err := os.Remove(filepath.Join(path, "lock")); err != nil {
		t.Fatal(err)
	}
	report, err := journal.Inspect(path, true, nothing)
	if err != nil || int(report.Records) != len(h.places) {
		t.Errorf("a copy without a lock: %d records, %v", report.Records, err)
	}
	if _, err := os.Stat(filepath.Join(path, "lock")); err == nil {
		t.Error("Inspect made a lock")
	}
}

// TestInspectReadOnly: a directory that nobody can write to can be looked at. (To root,
// who can, this shows little.)
func TestInspectReadOnly(t *testing.T) {
	t.Parallel()
	path, h, _ := laidOut(t)
	if err := os.Remove(filepath.Join(path, "lock")); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(path, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if err := os.Chmod(n, 0o400); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(path, 0o500); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Chmod(path, 0o700) }()
	report, err := journal.Inspect(path, true, func(journal.Entry) error { return nil })
	if err != nil || report.Damage != nil || int(report.Records) != len(h.places) {
		t.Errorf("%d records, damage %v, %v", report.Records, report.Damage, err)
	}
}
