package journal

import (
	"errors"
	"fmt"
	"io"
)

// window reads a segment, and then the next one, while what came so far is looked at.
type window struct {
	now, next *reading // nil: none
	spare     []byte
}

// reading is a segment that is being read.
type reading struct {
	s       *found
	buf     []byte
	have    int      // bytes that arrived, as far as was looked
	arrived chan int // how many, with each piece; it has room for all, and is closed then
	err     error    // set before that
	over    chan struct{}
}

// mostPiece is how much is read at once, leastPiece how much of small segments, so that
// these have several pieces, too.
const (
	leastPiece = 256
	mostPiece  = 1 << 20
)

// open goes to a segment, and says which one comes after it; nil: none that is known.
func (w *window) open(s, after *found) {
	if w.now == nil || w.now.s != s {
		w.drop(&w.now)
		if w.now = w.next; w.now != nil && w.now.s != s {
			w.drop(&w.now)
		}
		w.next = nil
		if w.now == nil {
			w.now = w.begin(s, nil)
		}
	}
	if w.next == nil && after != nil {
		w.next = w.begin(after, w.now)
	}
}

// from is what stands from an offset on, as far as it arrived.
func (w *window) from(at uint32) []byte { return w.now.buf[min(int(at), w.now.have):w.now.have] }

// frame takes the record at an offset, and waits for it if it has to. What is wrong with
// the record is bad.
func (w *window) frame(at uint32) (f frame, bad, err error) {
	for {
		b := w.from(at)
		f, bad = parseFrame(b, w.now.s.identity)
		if bad == nil || len(b) >= recordHeader && !errors.Is(bad, errCutShort) {
			return f, bad, nil
		}
		have, more := <-w.now.arrived
		if !more {
			return f, bad, w.now.err
		}
		w.now.have = have
	}
}

// begin begins to read a segment, when the one before has arrived.
func (w *window) begin(s *found, before *reading) *reading {
	piece := int(min(max(s.size/8, leastPiece), mostPiece))
	r := &reading{s: s, buf: w.spare, arrived: make(chan int, int(s.size)/piece+1), over: make(chan struct{})}
	if w.spare = nil; int64(cap(r.buf)) < s.size {
		r.buf = make([]byte, s.size)
	}
	r.buf = r.buf[:s.size]
	go func() {
		defer close(r.over)
		defer close(r.arrived)
		if before != nil {
			<-before.over
		}
		r.err = r.fill(piece)
	}()
	return r
}

// fill reads piece after piece. A file that ends early has no records there.
func (r *reading) fill(piece int) error {
	for at := 0; at < len(r.buf); at += piece {
		n, err := r.s.file.ReadAt(r.buf[at:min(at+piece, len(r.buf))], int64(at))
		r.arrived <- at + n
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", segmentName(r.s.number), err)
		}
	}
	return nil
}

// drop waits for a segment that is being read, and makes its memory free.
func (w *window) drop(r **reading) {
	if *r != nil {
		<-(*r).over
		w.spare, *r = (*r).buf, nil
	}
}

// close waits for all that is being read.
func (w *window) close() {
	w.drop(&w.now)
	w.drop(&w.next)
}
