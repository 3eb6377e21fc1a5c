package machine_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/quayside-go/quayside/benchmarks/storage/internal/machine"
)

const size = 3 << 20

// files makes a directory with two files in different folders, of size bytes together.
func files(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "deeper"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "deeper/b"} {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, size/2), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFiles(t *testing.T) {
	t.Parallel()
	dir := files(t)
	if err := machine.Evict(dir); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
	if n, err := machine.ReadAll(dir); n != size || err != nil {
		t.Errorf("ReadAll read %d of %d bytes, %v", n, size, err)
	}
	if n, err := machine.DiskUse(dir); n < size || n > 2*size || err != nil {
		t.Errorf("DiskUse is %d for files of %d bytes, %v", n, size, err)
	}
	none := filepath.Join(dir, "none")
	if n, err := machine.ReadAll(none); n != 0 || err != nil {
		t.Errorf("ReadAll of nothing read %d, %v", n, err)
	}
}

// What is written and synced is counted, where the system counts; so is processor time.
func TestUsed(t *testing.T) {
	dir := t.TempDir()
	written, err := machine.Written(dir)
	if err != nil {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	before, err := machine.Used()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	if err := machine.Datasync(f); err != nil {
		t.Fatal(err)
	}
	after, err := machine.Used()
	if err != nil {
		t.Fatal(err)
	}
	if n := after.Dirtied - before.Dirtied; n < size {
		t.Errorf("%d bytes are said to be dirty of %d", n, size)
	}
	if after.CPU <= before.CPU {
		t.Errorf("no processor time was used between %v and %v", before.CPU, after.CPU)
	}
	if now, err := machine.Written(dir); now-written < size || err != nil {
		t.Errorf("%d bytes are said to be written of %d, %v", now-written, size, err)
	}
	if _, err := machine.Written(filepath.Join(dir, "none")); err == nil {
		t.Error("bytes were written to a directory that is not there")
	}
}

func TestInUse(t *testing.T) {
	before, err := machine.InUse()
	if err != nil {
		t.Fatal(err)
	}
	kept := make([]byte, 10*size)
	for i := range kept {
		kept[i] = 1
	}
	after, err := machine.InUse()
	if err != nil {
		t.Fatal(err)
	}
	if n := after.Heap - before.Heap; n < 9*size || n > 11*size {
		t.Errorf("the heap grew by %d for %d bytes kept", n, len(kept))
	}
	if after.Resident < 10*size {
		t.Errorf("%d bytes are resident, of which %d were written to", after.Resident, len(kept))
	}
	runtime.KeepAlive(kept)
}
