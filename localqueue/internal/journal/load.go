package journal

import (
	"errors"
	"fmt"
	"io"
)

// loader reads segments whole, and the next one while one is looked at.
type loader struct {
	buf     []byte
	holds   *found // in buf
	spare   []byte
	coming  *found // into spare
	arrived chan error
}

// load reads a segment; a file that ends early ends in zeros. The bytes stay as they
// are until the next call.
func (l *loader) load(s *found) ([]byte, error) {
	if l.holds == s {
		return l.buf, nil
	}
	var err error
	if coming := l.coming; coming != nil {
		err = l.settle()
		if coming == s {
			l.buf, l.spare = l.spare, l.buf
			l.holds = s
		}
	}
	if l.holds != s {
		l.buf, err = s.whole(l.buf)
		l.holds = s
	}
	if err != nil {
		l.holds = nil
		return nil, fmt.Errorf("read %s: %w", segmentName(s.number), err)
	}
	return l.buf, nil
}

// expect begins to read a segment that will be loaded soon.
func (l *loader) expect(s *found) {
	if l.coming != nil || l.holds == s {
		return
	}
	l.coming, l.arrived = s, make(chan error, 1)
	go func(arrived chan error, buf []byte) {
		var err error
		l.spare, err = s.whole(buf)
		arrived <- err
	}(l.arrived, l.spare)
}

// settle waits for what is being read.
func (l *loader) settle() error {
	if l.coming == nil {
		return nil
	}
	l.coming = nil
	return <-l.arrived
}

// whole reads all of s into buf, which may grow.
func (s *found) whole(buf []byte) ([]byte, error) {
	if int64(cap(buf)) < s.size {
		buf = make([]byte, s.size)
	}
	buf = buf[:s.size]
	n, err := s.file.ReadAt(buf, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return buf, err
	}
	clear(buf[n:])
	return buf, nil
}
