package journal

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
)

// prepare makes one segment ready, if one is missing.
func (l *Log) prepare() error {
	if !l.lacking() {
		return nil
	}
	recycled := len(l.spares) > 0
	name := fileName(l.number, suffixDraft)
	if recycled {
		name = l.spares[len(l.spares)-1]
	} else if err := l.draft(name); err != nil {
		return fmt.Errorf("make segment: %w", err)
	}
	s, err := l.christen(name)
	if err != nil {
		if heals(err) && !recycled {
			_ = l.dir.Remove(name) // the next Open removes what stays
		}
		return fmt.Errorf("make segment: %w", err)
	}
	if recycled {
		l.spares = l.spares[:len(l.spares)-1]
	}
	l.number++
	l.mu.Lock()
	defer l.mu.Unlock()
	l.segments[s.number] = s
	l.ready = append(l.ready, s)
	l.recount() // the filler tells those who wait
	return nil
}

func (l *Log) lacking() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.ready) < max(ahead, l.wanted) && !l.closing
}

// fillChunk is how much is zeroed by one write, and synced: little enough that the
// syncs of groups do not wait long behind it.
const fillChunk = 4 << 20

// draft makes a file as long as a segment that reads as zeros and has its room on the
// disk. If there is none left it leaves no file.
func (l *Log) draft(name string) error {
	f, err := l.dir.Create(name)
	if errors.Is(err, fs.ErrExist) { // a try before could not remove it
		f, err = l.dir.Open(name)
	}
	if err != nil {
		return err
	}
	err = l.provide(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if diskFull(err) {
		_ = l.dir.Remove(name) // what stays is written again, or removed by the next Open
	}
	return err
}

// provide gives a file its room: by zeros, so that syncs are cheap later, or, where
// segments are used up too fast for that to be worth writing everything twice, by
// allocation, if the file system can do that.
func (l *Log) provide(f File) error {
	if l.hurried() {
		if err := f.Allocate(l.opts.SegmentSize); !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	return l.zero(f)
}

func (l *Log) hurried() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fast
}

// zero writes zeros from end to end: a file that is merely long has no room of its
// own yet, and one that is merely allocated needs more syncing when it is written.
func (l *Log) zero(f File) error {
	if err := f.Truncate(l.opts.SegmentSize); err != nil {
		return err
	}
	zeros := make([]byte, min(fillChunk, l.opts.SegmentSize))
	for at := int64(0); at < l.opts.SegmentSize; at += fillChunk {
		n := min(fillChunk, l.opts.SegmentSize-at)
		if _, err := f.WriteAt(zeros[:n], at); err != nil {
			return err
		}
		if err := f.Sync(); err != nil {
			return err
		}
	}
	return nil
}

// christen makes a segment of the file name: first its header, then its name, each
// on the disk before the next.
func (l *Log) christen(name string) (*segment, error) {
	var salt [4]byte
	_, _ = rand.Read(salt[:]) // cannot fail
	id := identity{l.number, binary.LittleEndian.Uint32(salt[:])}
	if err := l.head(name, id); err != nil {
		return nil, err
	}
	final := segmentName(l.number)
	if err := l.dir.Rename(name, final); err != nil {
		return nil, err
	}
	if err := l.syncNames(); err != nil {
		return nil, err
	}
	f, err := l.dir.Open(final)
	if err != nil {
		return nil, err
	}
	return &segment{identity: id, size: l.opts.SegmentSize, file: f}, nil
}

// head writes the segment's header. The file is closed again, for not every
// system renames open ones.
func (l *Log) head(name string, id identity) error {
	f, err := l.dir.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteAt(appendSegmentHeader(nil, id, l.opts.SegmentSize), 0); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return &syncError{name, err}
	}
	return nil
}
