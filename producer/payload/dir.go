package payload

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"syscall"
)

// Dir is a Store in a directory, for use with localqueue: one file for each body, in
// folders where a key has slashes. Several processes can share it. It is made by
// [OpenDir].
type Dir struct {
	root   *os.Root
	bucket string
}

// OpenDir opens the directory at path, which is made if it is not there. Bucket is the
// name that pointers have for it: the same wherever the directory is opened.
func OpenDir(path, bucket string) (*Dir, error) {
	if bucket == "" {
		return nil, errors.New("payload: open a directory: it needs a bucket's name")
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	return &Dir{root, bucket}, nil
}

// Close lets go of the directory. What Get has returned can still be read.
func (d *Dir) Close() error { return d.root.Close() }

// Bucket returns the name given to OpenDir.
func (d *Dir) Bucket() string { return d.bucket }

// Put writes a file beside the one it is to be, syncs it and renames it. A process that
// dies meanwhile can leave the first behind: its name holds a "~", which no key does.
func (d *Dir) Put(ctx context.Context, key string, body io.ReadSeeker, size int64) error {
	if err := checkKey(key); err != nil {
		return err
	}
	folder := path.Dir(key)
	if err := d.root.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	draft := path.Join(folder, "~"+rand.Text())
	err := d.write(ctx, draft, body, size)
	if err == nil {
		err = d.root.Rename(draft, key)
	}
	if err != nil {
		_ = d.root.Remove(draft) // there is a better error already
		return fmt.Errorf("payload: put %q: %w", key, err)
	}
	if err := d.sync(folder); err != nil {
		return fmt.Errorf("payload: put %q: %w", key, err)
	}
	return nil
}

// write makes a file of size bytes of body that survives a power failure.
func (d *Dir) write(ctx context.Context, name string, body io.Reader, size int64) error {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(f, &while{ctx, io.LimitReader(body, size)})
	if err == nil && n != size {
		err = fmt.Errorf("the body has %d bytes, not %d: %w", n, size, io.ErrUnexpectedEOF)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// sync has the names in folder, and folder's own, survive a power failure.
func (d *Dir) sync(folder string) error {
	if runtime.GOOS == "windows" {
		return nil // it has no such thing
	}
	for ; ; folder = path.Dir(folder) {
		f, err := d.root.Open(folder)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil || folder == "." {
			return err
		}
	}
}

// Get opens the file.
func (d *Dir) Get(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	if err := checkKey(key); err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	f, err := d.root.Open(key)
	if absent(err) {
		return nil, 0, fmt.Errorf("%w: %q in %q", ErrNotFound, key, d.bucket)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("payload: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w: %q in %q is no file", ErrNotFound, key, d.bucket)
	}
	if err != nil {
		_ = f.Close()
		return nil, 0, err
	}
	return &struct {
		while
		io.Closer
	}{while{ctx, f}, f}, info.Size(), nil
}

// Delete removes the file. Folders stay.
func (d *Dir) Delete(ctx context.Context, key string) error {
	if err := errors.Join(ctx.Err(), checkKey(key)); err != nil {
		return err
	}
	if err := d.root.Remove(key); err != nil && !absent(err) {
		return fmt.Errorf("payload: %w", err)
	}
	return nil
}

// absent reports whether err says that there is no file of that name, and be it that there
// cannot be: because a folder of it is a file, or a part of it too long.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ENAMETOOLONG)
}

// checkKey says why a key, which a stranger may have written, is not the name of a file
// here. os.Root keeps it inside of the directory besides.
func checkKey(key string) error {
	if len(key) > maxKey || !lettersOnly(key) || !fs.ValidPath(key) || key == "." {
		return fmt.Errorf("payload: %q cannot be the key of a file: want letters, digits and ._-, in folders by /", key)
	}
	return nil
}

// while reads until its context ends.
type while struct {
	ctx context.Context
	r   io.Reader
}

func (w *while) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, context.Cause(w.ctx)
	}
	return w.r.Read(p)
}

var _ Store = (*Dir)(nil)
