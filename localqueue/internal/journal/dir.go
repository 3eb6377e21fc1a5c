package journal

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Dir is the directory a log lives in. OpenDir gives the real one; tests have one
// that crashes. Its methods are those of the operating system with nothing added,
// so that every way in which a disk can fail has one place to come from.
//
// Methods may be called from several goroutines at once.
type Dir interface {
	// Create makes a file that must not exist yet, open for reading and writing.
	Create(name string) (File, error)
	// Open opens a file that exists, for reading and writing.
	Open(name string) (File, error)
	// Rename gives a file another name, in place of whatever had it.
	Rename(from, to string) error
	Remove(name string) error
	// List names the files, in no order.
	List() ([]string, error)
	// Sync brings creations, renamings and removals to the disk.
	Sync() error
}

// File is an open file of a Dir. Its methods may be called from several
// goroutines at once; after Close, also during it, they fail with os.ErrClosed.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Sync brings to the disk what was written and what is needed to read it again:
	// fdatasync, F_FULLFSYNC or FlushFileBuffers.
	Sync() error
	// Truncate sets the length; what is added reads as zeros.
	Truncate(size int64) error
	// Allocate makes an empty file this long and takes the room for that on the disk; it
	// reads as zeros. An error that is errors.ErrUnsupported says that it cannot be done.
	Allocate(size int64) error
	Size() (int64, error)
}

// Directory is a directory of the operating system, held by this process alone. It stays
// the one that is locked, also if it is moved and another gets its name.
type Directory struct {
	root *os.Root // whatever is done with files goes through it
	held *os.File // locked: the directory itself, or on Windows a file in it
}

// OpenDir makes path a directory if it is none yet and locks it. The lock is the
// operating system's: it ends with the process, however that ends. While another
// process has it, or another part of this one, the error names the holder.
// Whoever opened it closes it, after the Log.
func OpenDir(path string) (*Directory, error) {
	if err := makeDir(path); err != nil {
		return nil, fmt.Errorf("open journal directory: %w", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("open journal directory: %w", err)
	}
	held, err := lockDir(root)
	if err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("open journal directory: %w", err)
	}
	return &Directory{root, held}, nil
}

// makeDir makes path and sees to it that its name survives, too.
func makeDir(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	parent, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return err
	}
	return syncDir(parent)
}

// Close gives the directory back.
func (d *Directory) Close() error {
	if f, err := pidFile(d.root, d.held, false); err == nil {
		_ = f.Truncate(0) // the process id is nobody's any more
		if f != d.held {
			_ = f.Close()
		}
	}
	return cmp.Or(d.held.Close(), d.root.Close())
}

func (d *Directory) Create(name string) (File, error) {
	return d.open(name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
}

func (d *Directory) Open(name string) (File, error) { return d.open(name, os.O_RDWR) }

func (d *Directory) open(name string, flag int) (File, error) {
	f, err := d.root.OpenFile(name, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return file{f}, nil
}

func (d *Directory) Rename(from, to string) error { return d.root.Rename(from, to) }

func (d *Directory) Remove(name string) error { return d.root.Remove(name) }

func (d *Directory) List() ([]string, error) {
	entries, err := fs.ReadDir(d.root.FS(), ".")
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

// Sync needs no other open file than the one that is held.
func (d *Directory) Sync() error { return syncNames(d.held) }

// file is an *os.File whose Sync is the cheapest that keeps the promise.
type file struct{ *os.File }

func (f file) Sync() error {
	if err := datasync(f.File); err != nil {
		return &os.PathError{Op: "sync", Path: f.Name(), Err: err}
	}
	return nil
}

func (f file) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
