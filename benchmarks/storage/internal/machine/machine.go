// Package machine is what the storage comparison asks of the operating system: what this process has
// used, and how bytes get to the disk and out of the page cache.
package machine

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// Usage is what this process has used so far.
type Usage struct {
	CPU     time.Duration // of all threads, user and system together; 0 where it is not known
	Dirtied int64         // bytes of files made dirty; 0 where it is not known
}

// A byte that is written makes a page of the cache dirty, and in a file that was written or read in long
// stretches such a page may have 2 MB, of which the file system writes the blocks that changed. So Dirtied
// tells whether a process writes, not how much: that is what Written is for.

// Memory is what this process has of the machine's memory, in bytes.
type Memory struct {
	Heap     int64 // live objects, right after a collection
	Resident int64
	Peak     int64 // of Resident, since the process began
}

// InUse collects garbage and returns what is left.
func InUse() (Memory, error) {
	runtime.GC()
	runtime.GC() // what finalizers and pools held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	got := Memory{Heap: int64(m.HeapAlloc)}
	var err error
	got.Resident, got.Peak, err = resident()
	if errors.Is(err, errors.ErrUnsupported) {
		got.Resident = int64(m.Sys - m.HeapReleased) // of the Go runtime alone
		return got, nil
	}
	return got, err
}

// DiskUse is how many bytes of the disk the files in dir take.
func DiskUse(dir string) (int64, error) {
	var sum int64
	err := each(dir, func(_ string, info fs.FileInfo) error {
		sum += allocated(info)
		return nil
	})
	return sum, err
}

// ReadAll reads all files in dir from end to end and returns how many bytes they have.
func ReadAll(dir string) (int64, error) {
	var sum int64
	buf := make([]byte, 1<<20)
	err := each(dir, func(path string, _ fs.FileInfo) error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		for err == nil {
			var n int
			n, err = f.Read(buf)
			sum += int64(n)
		}
		if err == io.EOF {
			err = nil
		}
		return err
	})
	return sum, err
}

// Evict takes the files in dir out of the page cache, so that what reads them next reads the disk.
func Evict(dir string) error {
	return each(dir, func(path string, _ fs.FileInfo) error {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		return evict(f)
	})
}

// each calls f with all regular files in dir. A file that goes meanwhile is left out.
func each(dir string, f func(path string, info fs.FileInfo) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		var info fs.FileInfo
		if err == nil && d.Type().IsRegular() {
			if info, err = d.Info(); err == nil {
				err = f(path, info)
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}
