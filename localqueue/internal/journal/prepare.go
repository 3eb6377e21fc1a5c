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
	if l.newborn == nil {
		if err := l.bear(); err != nil {
			return fmt.Errorf("make segment: %w", err)
		}
	}
	if err := l.enrol(l.newborn); err != nil {
		return fmt.Errorf("make segment: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.segments[l.newborn.number] = l.newborn
	l.ready = append(l.ready, l.newborn)
	l.newborn = nil
	l.recount() // the filler tells those who wait
	return nil
}

func (l *Log) lacking() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.ready) < max(l.ahead(), l.wanted) && !l.closing
}

// What is zeroed by one write, and by several before they are synced: little enough that
// the syncs of groups do not wait long behind it. The page cache keeps what was written at
// once in pages up to that large, and the larger the page, the dearer is it to change a
// little of it and to write that: with pages of 2 MB, a write and sync of 1 KB took a tenth
// longer. Groups are rarely larger than these.
const (
	fillWrite = 256 << 10
	fillChunk = 4 << 20
)

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
	if heals(err) {
		_ = l.dir.Remove(name) // what stays is written again, or removed by the next Open
	}
	return err
}

// provide gives a file its room, so that a disk that is full says so before anything is
// written, and then zeros, so that syncs are cheap later: but not where segments are used
// up too fast for that to be worth writing everything twice. Where nothing can be
// allocated, zeros are all there is.
func (l *Log) provide(f File) error {
	err := f.Allocate(l.opts.SegmentSize)
	if errors.Is(err, errors.ErrUnsupported) {
		if err := f.Truncate(l.opts.SegmentSize); err != nil {
			return err
		}
		return l.zero(f)
	}
	if err != nil || l.hurried() {
		return err
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
	size := l.opts.SegmentSize
	zeros := make([]byte, min(fillWrite, size))
	for at := int64(0); at < size; {
		n, err := f.WriteAt(zeros[:min(fillWrite, size-at)], at)
		if err != nil {
			return err
		}
		if at += int64(n); at%fillChunk == 0 || at == size {
			if err := f.Sync(); err != nil {
				return err
			}
		}
	}
	return nil
}

// bear makes a file that reads as zeros, or one that was dropped, a segment: first its
// header, on the disk, then its name. Until it has that nothing has happened.
func (l *Log) bear() error {
	recycled := len(l.spares) > 0
	name := fileName(l.number, suffixDraft)
	if recycled {
		name = l.spares[len(l.spares)-1]
	} else if err := l.draft(name); err != nil {
		return err
	}
	id := identity{l.number, binary.LittleEndian.Uint32(random(4)), l.log}
	err := l.head(name, id)
	if err == nil {
		err = l.dir.Rename(name, segmentName(l.number))
	}
	if err != nil {
		if heals(err) && !recycled {
			_ = l.dir.Remove(name) // the next Open removes what stays
		}
		return err
	}
	if recycled {
		l.spares = l.spares[:len(l.spares)-1]
	}
	l.newborn = &segment{identity: id, size: l.opts.SegmentSize}
	l.number++
	return nil
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

// enrol brings the name of a segment to the disk and puts it into the manifest; then it
// may be written to. It may be called again if it fails.
func (l *Log) enrol(s *segment) error {
	if s.file == nil {
		if err := l.syncNames(); err != nil {
			return err
		}
		f, err := l.dir.Open(segmentName(s.number))
		if err != nil {
			return err
		}
		s.file = f
	}
	l.mu.Lock()
	m := l.roll(s)
	l.mu.Unlock()
	return l.register.save(m)
}

// randomLog is the id of a new log.
func randomLog() uint64 { return binary.LittleEndian.Uint64(random(8)) }

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // cannot fail
	return b
}
