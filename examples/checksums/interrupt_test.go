package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// slow is an opener that takes a second, and counts.
func slow(opened *atomic.Int64) opener {
	return opening(func(string) error {
		opened.Add(1)
		time.Sleep(time.Second)
		return nil
	})
}

// TestInterrupted interrupts a run in the middle: what was begun is finished and counted, the rest is
// named, and the manifest of an earlier run stays as it was.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var names []string
		for i := range 100 {
			names = append(names, fmt.Sprintf("file-%02d", i))
		}
		dir := makeFiles(t, names...)
		manifest := filepath.Join(t.TempDir(), "sums")
		if err := os.WriteFile(manifest, []byte("earlier"), 0o644); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5500*time.Millisecond)
		defer cancel()
		var opened atomic.Int64
		out := start(ctx, settings{
			dir: dir, concurrency: 4, output: manifest, connect: keep(newServer(t)), open: slow(&opened),
		})

		if out.status != exitInterrupted {
			t.Errorf("status %d, want %d", out.status, exitInterrupted)
		}
		if got, err := os.ReadFile(manifest); string(got) != "earlier" {
			t.Errorf("manifest is now %q, %v", got, err)
		}
		hashed := int(opened.Load()) // all that was begun
		if hashed < 4 || hashed > 24 {
			t.Errorf("%d files were begun in 5.5 s, 4 at a time, a second each", hashed)
		}
		for _, want := range []string{
			fmt.Sprintf("checksums: %d hashed, 0 failed, %d missing; 0 in the dead-letter queue\n", hashed, 100-hashed),
			fmt.Sprintf("checksums: ... and %d more without a checksum\n", 100-hashed-20),
			fmt.Sprintf("checksums: interrupted: no manifest written: files without a checksum: %d\n", 100-hashed),
		} {
			if !strings.Contains(out.stderr, want) {
				t.Errorf("stderr:\n%sdoes not say:\n%s", out.stderr, want)
			}
		}
		if out.took > 10*time.Second {
			t.Errorf("drained after %v", out.took)
		}
	})
}

// TestInterruptedTooLate interrupts when everything has begun: the drain completes the manifest.
func TestInterruptedTooLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := makeFiles(t, "a", "b", "c")
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		var opened atomic.Int64
		out := start(ctx, settings{dir: dir, concurrency: 3, connect: keep(newServer(t)), open: slow(&opened)})
		if want := manifestOf(dir, "a", "b", "c"); out.status != exitOK || out.stdout != want || out.stderr != "" {
			t.Errorf("status %d, stderr %q, manifest:\n%swant:\n%s", out.status, out.stderr, out.stdout, want)
		}
	})
}

// endless is a file that has always more to read, a byte a second.
type endless struct{}

func (endless) Close() error { return nil }

func (endless) Read(p []byte) (int, error) {
	time.Sleep(time.Second)
	return min(len(p), 1), nil
}

// TestInterruptedForGood interrupts the first, or the last, attempt at a file that would take for ever.
// The drain has to cut it short, which is not the file's fault: the job is given back at once.
func TestInterruptedForGood(t *testing.T) {
	t.Parallel()
	for _, endlessAt := range []int{1, maxReceives} {
		synctest.Test(t, func(t *testing.T) {
			server := newServer(t)
			dir := makeFiles(t, "a")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			attempts := 0 // there is one file, so one attempt at a time
			out := start(ctx, settings{dir: dir, concurrency: 2, connect: keep(server), open: func(string) (io.ReadCloser, error) {
				if attempts++; attempts < endlessAt {
					return nil, errors.New("not yet")
				}
				return endless{}, nil
			}})
			want := "checksums: " + dir + "/a: no checksum\n" +
				"checksums: 0 hashed, 0 failed, 1 missing; 0 in the dead-letter queue\n" +
				"checksums: interrupted: no manifest written: files without a checksum: 1\n"
			if out.status != exitInterrupted || out.stderr != want {
				t.Errorf("at attempt %d: status %d, stderr:\n%swant:\n%s", endlessAt, out.status, out.stderr, want)
			}
			if out.took > time.Minute+30*time.Second {
				t.Errorf("at attempt %d: drained after %v", endlessAt, out.took)
			}
			if n := visible(t, server); n != 1 {
				t.Errorf("at attempt %d: %d jobs are visible, want 1", endlessAt, n)
			}
		})
	}
}

// visible counts the jobs that could be received now.
func visible(t *testing.T, c client) int {
	t.Helper()
	q, err := create(t.Context(), c, leaseInMemory)
	if err != nil {
		t.Fatal(err)
	}
	name := types.QueueAttributeNameApproximateNumberOfMessages
	attrs, err := attributes(t.Context(), c, q.jobs, name)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(attrs[string(name)])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestInterruptedBeforeStart finds nothing, and does not call that a complete directory.
func TestInterruptedBeforeStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		out := start(ctx, settings{dir: makeFiles(t, "a"), concurrency: 1, connect: keep(newServer(t)), open: openFile})
		if out.status != exitInterrupted || out.stdout != "" || !strings.Contains(out.stderr, "interrupted: no manifest written") {
			t.Errorf("status %d, stdout %q, stderr %q", out.status, out.stdout, out.stderr)
		}
	})
}
