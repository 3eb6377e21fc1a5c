package lambdaruntime

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestLines has several writers write in pieces: their lines stay whole, and in order.
func TestLines(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	l := newLines(&out)
	var all sync.WaitGroup
	for i := range 4 {
		w := l.writer()
		all.Go(func() {
			for n := range 300 {
				line := fmt.Sprintf("%d: line %d\n", i, n)
				for part := range strings.SplitSeq(line, " ") {
					fmt.Fprint(w, part)
					if part[len(part)-1] != '\n' {
						fmt.Fprint(w, " ")
					}
				}
			}
			fmt.Fprintf(w, "%d: end", i)
			w.flush()
			w.flush()
		})
	}
	all.Wait()
	next := make([]int, 4)
	for line := range strings.Lines(out.String()) {
		var i, n int
		if _, err := fmt.Sscanf(line, "%d: line %d\n", &i, &n); err != nil {
			n = 300
			if _, err := fmt.Sscanf(line, "%d: end\n", &i); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
		}
		if n != next[i] {
			t.Fatalf("line %q, want line %d", line, next[i])
		}
		next[i]++
	}
	if fmt.Sprint(next) != "[301 301 301 301]" {
		t.Errorf("lines %v", next)
	}
}

// TestLongLine has a line without an end: it is not kept for ever.
func TestLongLine(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	w := newLines(&out).writer()
	for range 3 {
		fmt.Fprint(w, strings.Repeat("x", maxLine/2))
	}
	if out.Len() != 3*maxLine/2+1 || !strings.HasSuffix(out.String(), "x\n") {
		t.Errorf("%d bytes came", out.Len())
	}
}
