package lambdaruntime

import (
	"bytes"
	"io"
	"sync"
)

// maxLine is how much of a line is kept until its end has come.
const maxLine = 1 << 20

// lines is where the output of several processes goes.
type lines struct {
	mu sync.Mutex
	w  io.Writer
}

// writer returns a writer for the output of one process.
func (l *lines) writer() *lineWriter { return &lineWriter{to: l} }

// lineWriter writes whole lines, so that those of several processes do not mix.
type lineWriter struct {
	to *lines

	mu   sync.Mutex
	rest []byte // a line without its end
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	whole := bytes.LastIndexByte(p, '\n') + 1
	if whole > 0 {
		w.put(append(w.rest, p[:whole]...))
		w.rest = nil
	}
	if w.rest = append(w.rest, p[whole:]...); len(w.rest) > maxLine {
		w.put(append(w.rest, '\n'))
		w.rest = nil
	}
	return len(p), nil
}

// flush writes what has no end of line.
func (w *lineWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.rest) > 0 {
		w.put(append(w.rest, '\n'))
		w.rest = nil
	}
}

// put does not fail: a function goes on if nobody reads what it prints.
func (w *lineWriter) put(p []byte) {
	w.to.mu.Lock()
	defer w.to.mu.Unlock()
	_, _ = w.to.w.Write(p)
}
