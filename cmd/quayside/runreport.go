package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/quayside-go/quayside/internal/eventsource"
)

// reporter writes what became of invocations.
type reporter struct {
	w     io.Writer
	quiet bool // about those that went well
}

// invocation writes the line of one invocation.
func (r reporter) invocation(v eventsource.Report) {
	if r.quiet && v.Failed == 0 && v.Undeleted == 0 {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "invocation %s: %s, ", v.RequestID, count(v.Records, "record"))
	switch {
	case v.Err != nil:
		b.WriteString("all failed, ")
	default:
		fmt.Fprintf(&b, "%d failed, ", v.Failed)
	}
	b.WriteString(v.Duration.Round(time.Millisecond / 10).String())
	if v.Err != nil {
		b.WriteString(": " + oneLine(v.Err.Error()))
	}
	if v.Undeleted > 0 {
		fmt.Fprintf(&b, "; %d handled but not deleted: %v", v.Undeleted, oneLine(v.DeleteErr.Error()))
	}
	fmt.Fprintln(r.w, b.String())
}

// total writes the last line.
func (r reporter) total(t eventsource.Totals) {
	text := fmt.Sprintf("total: %s, %d of them failed; %s, %d of them failed",
		count(t.Invocations, "invocation"), t.Errors, count(t.Records, "record"), t.Failed)
	if t.Undeleted > 0 {
		text += fmt.Sprintf(", %d handled but not deleted", t.Undeleted)
	}
	fmt.Fprintln(r.w, text)
}

// lockedWriter is a writer for several goroutines.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
