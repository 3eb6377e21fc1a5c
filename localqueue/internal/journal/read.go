package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// maxGap is how many bytes between two records are rather read than skipped.
const maxGap = 16 << 10

// Read hands the bodies of the records at spans to yield, by their place in spans,
// checked. Neighbours are read at once: those in one segment, each behind the one
// before and not far from it. What lies between them does not matter.
//
// It reads what Wait has answered for. The bodies are yield's only during the
// call; buf is scratch memory, which Read returns, perhaps grown, to be handed to
// it again. An error ends it: ErrDropped, *DamageError if the bytes are not what
// was written, or the system's.
func (l *Log) Read(buf []byte, spans []Span, yield func(i int, body []byte) error) ([]byte, error) {
	for first := 0; first < len(spans); {
		last := first
		for last+1 < len(spans) && adjacent(spans[last], spans[last+1]) {
			last++
		}
		run := spans[first : last+1]
		s, err := l.segment(run[0].Pos)
		if err != nil {
			return buf, err
		}
		if buf, err = readRun(s, buf, run); err != nil {
			return buf, l.excused(s, err)
		}
		for i, span := range run {
			f, err := parseSpan(s, buf[span.Pos.Offset-run[0].Pos.Offset:], span)
			if err != nil {
				return buf, l.excused(s, err)
			}
			if err := yield(first+i, f.body); err != nil {
				return buf, err
			}
		}
		first = last + 1
	}
	return buf, nil
}

// excused is what to say of an error met in reading s: if s was dropped meanwhile,
// its file may be gone, or have become another segment's.
func (l *Log) excused(s *segment, err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.segments[s.number] == s {
		return err
	}
	return fmt.Errorf("read %s: %w", segmentName(s.number), ErrDropped)
}

// readRun reads neighbours by one call.
func readRun(s *segment, buf []byte, run []Span) ([]byte, error) {
	from, to := run[0].Pos.Offset, run[len(run)-1].end()
	if int64(to) > s.size || to < from {
		return buf, &DamageError{segmentName(s.number), run[len(run)-1].Pos, "no record can stand there"}
	}
	if n := int(to - from); cap(buf) < n {
		buf = make([]byte, n)
	}
	buf = buf[:to-from]
	return buf, readFull(s, buf, int64(from))
}

func adjacent(a, b Span) bool {
	return a.Pos.Segment == b.Pos.Segment && b.Pos.Offset >= a.end() && b.Pos.Offset-a.end() <= maxGap && b.end() > b.Pos.Offset
}

func (l *Log) segment(p Pos) (*segment, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.segments[p.Segment]; s != nil {
		return s, nil
	}
	return nil, fmt.Errorf("read %v: %w", p, ErrDropped)
}

func readFull(s *segment, buf []byte, at int64) error {
	n, err := s.file.ReadAt(buf, at)
	switch {
	case n == len(buf):
		return nil
	case errors.Is(err, os.ErrClosed):
		err = ErrDropped
	case errors.Is(err, io.EOF):
		return &DamageError{segmentName(s.number), Pos{s.number, uint32(at)}, "the file ends early"}
	}
	return fmt.Errorf("read %v: %w", Pos{s.number, uint32(at)}, err)
}

func parseSpan(s *segment, b []byte, span Span) (frame, error) {
	f, err := parseFrame(b, s.identity)
	if err == nil && (f.kind != kindRecord || len(f.body) != int(span.Length)) {
		err = errors.New("another record stands there")
	}
	if err != nil {
		return f, &DamageError{segmentName(s.number), span.Pos, err.Error()}
	}
	return f, nil
}
