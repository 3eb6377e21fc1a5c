package journaltest

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"syscall"
)

const sector = 512

// file is an open file of a Disk; the disk's lock guards it.
type file struct {
	d      *Disk
	n      *inode
	name   string
	closed bool
}

func (f *file) begin(op Op) error {
	if f.closed {
		return &fs.PathError{Op: string(op), Path: f.name, Err: fs.ErrClosed}
	}
	return f.d.call(op, f.name)
}

func (f *file) ReadAt(b []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.closed {
		return 0, &fs.PathError{Op: "read", Path: f.name, Err: fs.ErrClosed}
	}
	if off > int64(len(f.n.data)) {
		return 0, io.EOF
	}
	n := copy(b, f.n.data[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (f *file) WriteAt(b []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	err := f.begin(Write)
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EIO):
		part := b[:len(b)/2]
		f.n.write(write{off, slices.Clone(part)})
		return len(part), err
	case err != nil:
		return 0, err
	}
	grown := off + int64(len(b)) - int64(len(f.n.data))
	if f.d.free >= 0 && grown > 0 {
		if grown > f.d.free {
			return 0, &fs.PathError{Op: "write", Path: f.name, Err: syscall.ENOSPC}
		}
		f.d.free -= grown
	}
	f.n.write(write{off, slices.Clone(b)})
	return len(b), nil
}

func (f *file) Truncate(size int64) error { return f.resize(Truncate, size) }

// Allocate makes f longer, as Truncate does: files have the room for all their bytes.
func (f *file) Allocate(size int64) error {
	f.d.mu.Lock()
	plain := f.d.plain
	f.d.mu.Unlock()
	if plain {
		return &fs.PathError{Op: string(Allocate), Path: f.name, Err: errors.ErrUnsupported}
	}
	return f.resize(Allocate, size)
}

func (f *file) resize(op Op, size int64) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.begin(op); err != nil {
		return err
	}
	grown := size - int64(len(f.n.data))
	if f.d.free >= 0 {
		if grown > f.d.free {
			return &fs.PathError{Op: string(op), Path: f.name, Err: syscall.ENOSPC}
		}
		f.d.free -= grown
	}
	f.n.write(write{off: size})
	return nil
}

func (f *file) Sync() error {
	covered, during, err := f.beginSync()
	if err != nil {
		return err
	}
	if during != nil {
		during(f.name)
	}
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	f.n.land(covered)
	return nil
}

// beginSync says how many writes of all that the file ever saw the sync covers.
func (f *file) beginSync() (covered int, during func(name string), err error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	covered = f.n.landed + len(f.n.writes)
	if err := f.begin(Sync); err != nil {
		if !f.closed { // as on Linux: what was not written is forgotten, though it can still be read
			f.n.landed, f.n.writes = covered, nil
		}
		return 0, nil, err
	}
	return covered, f.d.during, nil
}

// land brings writes to the disk, up to those covered that are not there yet.
func (n *inode) land(covered int) {
	for ; n.landed < covered; n.landed++ {
		n.durable = n.writes[0].apply(n.durable)
		n.writes = n.writes[1:]
	}
}

func (f *file) Size() (int64, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.closed {
		return 0, fs.ErrClosed
	}
	return int64(len(f.n.data)), nil
}

func (f *file) Close() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.closed {
		return fs.ErrClosed
	}
	f.closed = true
	return nil
}

func (n *inode) write(w write) {
	n.data = w.apply(n.data)
	n.writes = append(n.writes, w)
}

// apply gives b as it is after w.
func (w write) apply(b []byte) []byte {
	end := int(w.off) + len(w.data)
	if w.data == nil || end > len(b) {
		b = resize(b, end)
	}
	copy(b[w.off:], w.data)
	return b
}

func resize(b []byte, n int) []byte {
	if n <= len(b) {
		return b[:n]
	}
	return append(b, make([]byte, n-len(b))...)
}

// crash brings to the disk what happens to land of what was not synced.
func (n *inode) crash(r *rand.Rand, mood int) {
	for _, w := range n.writes {
		switch {
		case w.data == nil:
			if lands(r, mood) {
				n.durable = w.apply(n.durable)
			}
		case mood == 2 && r.IntN(2) == 0: // ends at any byte
			n.durable = write{w.off, w.data[:r.IntN(len(w.data)+1)]}.apply(n.durable)
		default:
			for _, part := range w.sectors() {
				if lands(r, mood) {
					n.durable = part.apply(n.durable)
				}
			}
		}
	}
}

// sectors are the parts of w that a disk writes each for itself.
func (w write) sectors() []write {
	var out []write
	for off, rest := w.off, w.data; len(rest) > 0; {
		n := min(int(sector-off%sector), len(rest))
		out = append(out, write{off, rest[:n]})
		off, rest = off+int64(n), rest[n:]
	}
	return out
}
