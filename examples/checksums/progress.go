package main

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress is a bar that counts files. A nil *progress shows nothing.
type progress struct {
	mu     sync.Mutex
	bar    *progressbar.ProgressBar
	files  int  // found
	walked bool // no more will be found
}

// watch returns a bar on w if w is a terminal.
func watch(w io.Writer) *progress {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return newProgress(w)
	}
	return nil
}

func newProgress(w io.Writer) *progress {
	return &progress{bar: progressbar.NewOptions(1,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription("hashing"),
		progressbar.OptionShowCount(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionClearOnFinish(),
	)}
}

// found counts a file to be done.
func (p *progress) found() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files++
	p.stretch()
}

// allFound says that the count is final.
func (p *progress) allFound() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.walked = true
	p.stretch()
}

// stretch sets the length of the bar: one file too long until the count is final, because a bar that
// is full once is finished for good.
func (p *progress) stretch() {
	n := p.files
	if !p.walked {
		n++
	}
	if n > 0 {
		p.bar.ChangeMax(n)
	}
}

// done counts a file that has its result. That a bar cannot be drawn is no reason to stop.
func (p *progress) done() {
	if p != nil {
		_ = p.bar.Add(1)
	}
}

// clear takes the bar off the screen.
func (p *progress) clear() {
	if p != nil {
		_ = p.bar.Clear()
	}
}
