package lambdaruntime

import (
	"bytes"
	"io"
)

// maxLine is how much of a line is kept until its end has come.
const maxLine = 1 << 20

// lines is where the output of several processes goes.
type lines struct {
	turn chan struct{} // held while w is written to
	w    io.Writer
}

func newLines(w io.Writer) *lines { return &lines{make(chan struct{}, 1), w} }

// writer returns a writer for the output of one process.
func (l *lines) writer() *lineWriter { return &lineWriter{to: l, over: make(chan struct{})} }

// lineWriter writes whole lines, so that those of several processes do not mix.
type lineWriter struct {
	to   *lines
	rest []byte        // a line without its end
	over chan struct{} // closed when nothing is written any more
}

func (w *lineWriter) Write(p []byte) (int, error) {
	whole := bytes.LastIndexByte(p, '\n') + 1
	if whole > 0 {
		w.put(append(w.rest, p[:whole]...))
		w.rest = nil
	}
	if w.rest = append(w.rest, p[whole:]...); len(w.rest) > maxLine {
		w.flush()
	}
	return len(p), nil
}

// flush writes what has no end of line.
func (w *lineWriter) flush() {
	if len(w.rest) > 0 {
		w.put(append(w.rest, '\n'))
		w.rest = nil
	}
}

// put does not fail: a function goes on if its output cannot be written. If nobody reads it
// the function is held up, as by any pipe, until the output is over; a write that still
// waits then keeps the turn, and all others out.
func (w *lineWriter) put(p []byte) {
	select {
	case <-w.over:
		return
	default:
	}
	select {
	case w.to.turn <- struct{}{}:
	case <-w.over:
		return
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		defer func() { <-w.to.turn }()
		_, _ = w.to.w.Write(p)
	}()
	select {
	case <-written:
	case <-w.over:
	}
}
