package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRestart kills the program at many points, one or several times in a run, and starts it again
// until it completes. Whatever it was doing, the manifest must be that of a run which nobody
// disturbed, and no file whose result was known may be read again.
func TestRestart(t *testing.T) {
	t.Parallel()
	const files = senders + 50 // the walk is not over when the first jobs are there
	var names []string
	for i := range files {
		names = append(names, fmt.Sprintf("sub-%d/file-%03d", i%3, i))
	}
	dir := makeFiles(t, names...)
	want := manifestOf(dir, names...)
	for _, deaths := range []string{
		"",                         // none
		"created 1",                // before anything is sent
		"sent 1",                   // during the walk
		"sent 2, sent 3, opened 3", // and again, so that jobs are there twice
		"received 1",               // with jobs in hand
		"opened 1, opened 1",       // at the first files
		"opened 20",
		"read 17",
		"reported 1, reported 3", // the result is sent, nothing else has happened
		"deleting 1, deleting 1", // the job is there still
		"deleted 4, received 2, read 9",
		"closing 1",            // all is done, the manifest not yet written
		"written 1",            // the manifest is written, the run not yet forgotten
		"opened 30, written 1", // both
	} {
		t.Run(deaths, func(t *testing.T) {
			t.Parallel()
			p := restarted{tree: dir, state: filepath.Join(t.TempDir(), "state"), trace: filepath.Join(t.TempDir(), "trace")}
			for death := range strings.SplitSeq(deaths, ", ") {
				if deaths == "" {
					break
				}
				if out, err := p.run(death); err == nil {
					t.Fatalf("it should have died at %q, and ended well:\n%s", death, out)
				} else if exit, ok := err.(*exec.ExitError); !ok || len(exit.Stderr) > 0 {
					t.Fatalf("it should have died at %q: %v\n%s", death, err, exit.Stderr)
				}
			}
			got, err := p.run("")
			if err != nil {
				t.Fatalf("the last run: %v\n%s", err, stderrOf(err))
			}
			if got != want {
				t.Errorf("manifest:\n%swant:\n%s", got, want)
			}
			p.check(t, files)
			if left, err := os.ReadDir(p.state); err != nil || len(left) > 0 {
				t.Errorf("left in the directory: %v, %v", left, err)
			}
		})
	}
}

func stderrOf(err error) string {
	if exit, ok := err.(*exec.ExitError); ok {
		return string(exit.Stderr)
	}
	return ""
}

// restarted is a run of several processes.
type restarted struct{ tree, state, trace string }

// run runs a process that kills itself at the point named, and returns what it printed.
func (p restarted) run(death string) (string, error) {
	child := exec.Command(os.Args[0], p.tree, p.state, p.trace)
	child.Env = append(os.Environ(), childVariable+"="+death+".")
	out, err := child.Output()
	return string(out), err
}

// check reads the trace of all processes: in their order, the files that were opened and those whose
// result was sent.
func (p restarted) check(t *testing.T, files int) {
	t.Helper()
	text, err := os.ReadFile(p.trace)
	if err != nil {
		t.Fatal(err)
	}
	opened, known := map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(string(text)) {
		what, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case what == "known":
			known[path] = true
		case known[path]:
			t.Errorf("%s was hashed again", path)
		default:
			opened[path] = true
		}
	}
	if len(opened) != files || len(known) < files/2 { // a process may have died before it told
		t.Errorf("%d files were opened, the results of %d sent, want %d", len(opened), len(known), files)
	}
}
