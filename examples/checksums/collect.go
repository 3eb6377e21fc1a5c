package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
)

// A collector keeps account of every file: expected, hashed or failed.
type collector struct {
	run  string
	bar  *progress
	news chan struct{} // holds a token when something has changed since it was last emptied

	mu       sync.Mutex
	walked   bool              // every file has been found
	expected map[string]bool   // no result yet
	sums     map[string]string // path -> sum
	failed   map[string]string // path -> reason
	unlisted map[string]string // directory -> reason
}

func newCollector(run string, bar *progress) *collector {
	return &collector{
		run:      run,
		bar:      bar,
		news:     make(chan struct{}, 1),
		expected: map[string]bool{},
		sums:     map[string]string{},
		failed:   map[string]string{},
		unlisted: map[string]string{},
	}
}

// expect announces a file, before its job is sent. It reports whether a result is wanted: not if
// there is one, of an earlier process of this run.
func (c *collector) expect(path string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sums[path] != "" || c.failed[path] != "" {
		return false
	}
	if !c.expected[path] {
		c.expected[path] = true
		c.bar.found()
	}
	return true
}

// unlist records a directory that could not be walked.
func (c *collector) unlist(path, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unlisted[path] = reason
}

// allFound says that no further file will be expected.
func (c *collector) allFound() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.walked = true
	c.bar.allFound()
	c.tell()
}

// handle takes a result. SQS delivers at least once, and a job that runs twice has two results, so a
// result may come again, or come late: the first sum stands, and a sum stands against a reason.
// Results of another run are not ours; done with all the same.
func (c *collector) handle(_ context.Context, r result) error {
	if r.Run != c.run {
		return nil
	}
	path := string(r.Path)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.expected[path] {
		delete(c.expected, path)
		c.bar.done()
	}
	if _, hashed := c.sums[path]; hashed {
		return nil
	}
	if r.Sum == "" {
		c.failed[path] = r.Reason
	} else {
		delete(c.failed, path)
		c.sums[path] = r.Sum
	}
	c.tell()
	return nil
}

// tell wakes whoever waits for news. c.mu must be held.
func (c *collector) tell() {
	select {
	case c.news <- struct{}{}:
	default:
	}
}

// missing counts the files without a result. all reports whether every file has been found.
func (c *collector) missing() (n int, all bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.expected), c.walked
}

// failures counts the jobs that failed.
func (c *collector) failures() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.failed)
}

// report is the account as it stands.
func (c *collector) report() report {
	c.mu.Lock()
	defer c.mu.Unlock()
	failed := maps.Clone(c.failed)
	maps.Copy(failed, c.unlisted)
	return report{
		sums:    maps.Clone(c.sums),
		failed:  failed,
		missing: slices.Sorted(maps.Keys(c.expected)),
	}
}

// A report is what there is to say at the end.
type report struct {
	sums    map[string]string // path -> sum
	failed  map[string]string // path -> reason; files, and directories that could not be listed
	missing []string          // found, but without a result
	dead    int               // jobs that this run put into the dead-letter queue
}

func (r report) clean() bool { return len(r.failed) == 0 && len(r.missing) == 0 }

// print says nothing if there is nothing to complain about.
func (r report) print(w io.Writer) {
	for _, path := range slices.Sorted(maps.Keys(r.failed)) {
		fmt.Fprintf(w, "checksums: %s: %s\n", path, r.failed[path])
	}
	const most = 20
	for i, path := range r.missing {
		if i == most {
			fmt.Fprintf(w, "checksums: ... and %d more without a checksum\n", len(r.missing)-most)
			break
		}
		fmt.Fprintf(w, "checksums: %s: no checksum\n", path)
	}
	if !r.clean() {
		fmt.Fprintf(w, "checksums: %d hashed, %d failed, %d missing; %d in the dead-letter queue\n",
			len(r.sums), len(r.failed), len(r.missing), r.dead)
	}
}
