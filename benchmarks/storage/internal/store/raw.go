package store

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/quayside-go/quayside/benchmarks/storage/internal/machine"
)

// raw is what the disk can do: one caller writes and syncs, one after the other, into a file that has all
// its bytes already, from end to end and again.
type raw struct {
	file *os.File
	size int64
	at   int64
}

var errOnlyPut = errors.New("a bare file has no messages to take")

func openRaw(dir string, size int64) (Store, error) {
	f, err := os.Create(filepath.Join(dir, "raw"))
	if err != nil {
		return nil, err
	}
	if _, err = f.Write(make([]byte, size)); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &raw{file: f, size: size}, nil
}

func (r *raw) Found() (int, int64) { return 0, 0 }
func (r *raw) Close() error        { return r.file.Close() }
func (r *raw) Caller() Caller      { return rawCaller{r, newBodies()} }

// rawCaller is the only one at a time.
type rawCaller struct {
	*raw
	bodies bodies
}

func (c rawCaller) Put(n int) error {
	size := int64(n * BodySize)
	if c.at+size > c.size {
		c.at = 0
	}
	at := c.bodies.rng.IntN(len(pool) - int(size))
	if _, err := c.file.WriteAt(pool[at:at+int(size)], c.at); err != nil {
		return err
	}
	c.at += size
	return machine.Datasync(c.file)
}

func (c rawCaller) Take(int) (int, error) { return 0, errOnlyPut }
func (c rawCaller) Drop() error           { return errOnlyPut }
