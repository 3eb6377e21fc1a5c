package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// TestGoesOn interrupts a run with -dir, which drains, and starts it again: every file is opened once.
func TestGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var names []string
		for i := range 20 {
			names = append(names, fmt.Sprintf("file-%02d", i))
		}
		var opened atomic.Int64
		set := settings{
			dir: makeFiles(t, names...), state: filepath.Join(t.TempDir(), "state"), lease: leaseOnDisk,
			concurrency: 4, connect: keep(newServer(t)), open: slow(&opened),
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		out := start(ctx, set)
		if out.status != exitInterrupted || out.stdout != "" || !strings.HasSuffix(out.stderr, "\nchecksums: the same command goes on from here\n") {
			t.Fatalf("status %d, stdout %q, stderr:\n%s", out.status, out.stdout, out.stderr)
		}
		begun := opened.Load()
		if begun == 0 || begun == 20 {
			t.Fatalf("%d files were opened before the interrupt", begun)
		}
		if err := os.WriteFile(filepath.Join(set.dir, "new"), nil, 0o644); err != nil { // the walk is over
			t.Fatal(err)
		}
		out = start(t.Context(), set)
		if want := manifestOf(set.dir, names...); out.status != exitOK || out.stdout != want {
			t.Errorf("status %d, stderr:\n%smanifest:\n%swant:\n%s", out.status, out.stderr, out.stdout, want)
		}
		if n := opened.Load(); n != 20 {
			t.Errorf("20 files were opened %d times, %d of them before the interrupt", n, begun)
		}
		if left, err := os.ReadDir(set.state); err != nil || len(left) > 0 {
			t.Errorf("left in the directory: %v, %v", left, err)
		}
	})
}

// TestGoesOnAfterFailure interrupts a run in which a file has failed for good. It is reported by the
// run that goes on, and not tried again.
func TestGoesOnAfterFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // by then it is a dead letter
		defer cancel()
		var bad atomic.Int64
		set := settings{
			dir: makeFiles(t, "bad", "large"), state: t.TempDir(), lease: leaseOnDisk,
			concurrency: 2, connect: keep(newServer(t)),
			open: func(path string) (io.ReadCloser, error) {
				if filepath.Base(path) == "bad" {
					bad.Add(1)
					return nil, errors.New("no luck")
				}
				if ctx.Err() == nil {
					return endless{}, nil
				}
				return openFile(path)
			},
		}
		if out := start(ctx, set); out.status != exitInterrupted || bad.Load() != maxReceives {
			t.Fatalf("status %d, the bad file was opened %d times, stderr:\n%s", out.status, bad.Load(), out.stderr)
		}
		out := start(t.Context(), set)
		if want := manifestOf(set.dir, "large"); out.status != exitFailed || out.stdout != want {
			t.Errorf("status %d, manifest:\n%swant:\n%s", out.status, out.stdout, want)
		}
		want := "checksums: " + set.dir + "/bad: no luck\n" +
			"checksums: 1 hashed, 1 failed, 0 missing; 1 in the dead-letter queue\n"
		if out.stderr != want || bad.Load() != maxReceives {
			t.Errorf("the bad file was opened %d times, stderr:\n%swant:\n%s", bad.Load(), out.stderr, want)
		}
	})
}

// killing loses the next replies with jobs, as if the process that asked were killed each time, and
// deletes of jobs, as if it were killed before them.
type killing struct {
	*localqueue.Server
	left    *atomic.Int64 // falls with each reply
	keeping *atomic.Bool  // no job is deleted
}

func newKilling(t *testing.T) killing {
	return killing{newServer(t), new(atomic.Int64), new(atomic.Bool)}
}

func (k killing) DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, opts ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	if k.keeping.Load() && strings.HasSuffix(*in.QueueUrl, "-jobs") {
		return &sqs.DeleteMessageBatchOutput{}, nil
	}
	return k.Server.DeleteMessageBatch(ctx, in, opts...)
}

func (k killing) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, opts ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	out, err := k.Server.ReceiveMessage(ctx, in, opts...)
	if err == nil && strings.HasSuffix(*in.QueueUrl, "-jobs") && len(out.Messages) > 0 && k.left.Add(-1) >= 0 {
		out.Messages = []types.Message{}
	}
	return out, err
}

// TestRevive has a job that is killed in hand as often as it may be received, and then one that grew
// too old for its queue: each is sent again.
func TestRevive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newKilling(t)
		server.left.Store(maxReceives)
		set := settings{
			dir: makeFiles(t, "a"), state: t.TempDir(), lease: leaseOnDisk,
			concurrency: 1, connect: keep(server), open: openFile,
		}
		out := start(t.Context(), set)
		if want := manifestOf(set.dir, "a"); out.status != exitOK || out.stdout != want || out.stderr != "" {
			t.Errorf("status %d, stderr:\n%smanifest:\n%swant:\n%s", out.status, out.stderr, out.stdout, want)
		}

		set.open = func(string) (io.ReadCloser, error) { return endless{}, nil }
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if out := start(ctx, set); out.status != exitInterrupted {
			t.Fatalf("status %d, stderr:\n%s", out.status, out.stderr)
		}
		time.Sleep(14 * 24 * time.Hour)
		set.open = openFile
		out = start(t.Context(), set)
		if want := manifestOf(set.dir, "a"); out.status != exitOK || out.stdout != want || out.stderr != "" {
			t.Errorf("two weeks later: status %d, stderr:\n%smanifest:\n%swant:\n%s", out.status, out.stderr, out.stdout, want)
		}
	})
}

// TestKnownComesAgain has a job that is done and not deleted when the first process ends, and comes
// again in the second.
func TestKnownComesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newKilling(t)
		server.keeping.Store(true)
		var opened []string
		set := settings{
			dir: makeFiles(t, "a", "b"), state: t.TempDir(), lease: leaseOnDisk, concurrency: 1, connect: keep(server),
			open: func(path string) (io.ReadCloser, error) {
				opened = append(opened, filepath.Base(path))
				if len(opened) == 2 {
					return endless{}, nil
				}
				return openFile(path)
			},
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if out := start(ctx, set); out.status != exitInterrupted {
			t.Fatalf("status %d, stderr:\n%s", out.status, out.stderr)
		}
		server.keeping.Store(false)
		time.Sleep(leaseOnDisk)
		out := start(t.Context(), set)
		if want := manifestOf(set.dir, "a", "b"); out.status != exitOK || out.stdout != want {
			t.Errorf("status %d, stderr:\n%smanifest:\n%swant:\n%s", out.status, out.stderr, out.stdout, want)
		}
		if len(opened) != 3 || opened[0] == opened[1] || opened[2] != opened[1] {
			t.Errorf("opened %q, want one, then the other twice", opened)
		}
	})
}

// steady has something to read for half a minute.
type steady struct{ left int }

func (*steady) Close() error { return nil }

func (s *steady) Read(p []byte) (int, error) {
	if s.left--; s.left < 0 {
		return 0, io.EOF
	}
	time.Sleep(time.Second)
	return min(len(p), 1), nil
}

// TestLease reads a file for longer than its job stays invisible by itself.
func TestLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newKilling(t)
		opened := 0
		set := settings{
			dir: makeFiles(t, "a"), state: t.TempDir(), lease: leaseOnDisk, concurrency: 4, connect: keep(server),
			open: func(string) (io.ReadCloser, error) {
				opened++
				return &steady{left: 3 * int(leaseOnDisk/time.Second)}, nil
			},
		}
		out := start(t.Context(), set)
		if out.status != exitOK || opened != 1 {
			t.Errorf("status %d, opened %d times, stderr:\n%s", out.status, opened, out.stderr)
		}
		if received := -server.left.Load(); received != 1 {
			t.Errorf("the job was received %d times", received)
		}
	})
}

// TestRefused has directories that -dir cannot be.
func TestRefused(t *testing.T) {
	t.Parallel()
	one, other, state := makeFiles(t, "a", "sub/b"), makeFiles(t, "a"), t.TempDir()
	l, _, err := openLedger(filepath.Join(state, ledgerName))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.keep(entry{Kind: entryRun, Path: []byte(one), Abs: []byte(one), Text: "id"}), l.close()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ state, dir, want string }{
		{state, other, "-dir " + state + " has the run over \"" + one + "\""},
		{filepath.Join(one, "sub", "state"), one, "is beneath " + one},
		{one, one, "is beneath " + one},
		{filepath.Join(one, "a"), other, "a: "}, // a file
	} {
		out := start(t.Context(), settings{dir: c.dir, state: c.state, concurrency: 1, connect: keep(newServer(t)), open: openFile})
		if out.status != exitFailed || !strings.Contains(out.stderr, c.want) || strings.Count(out.stderr, "\n") != 1 {
			t.Errorf("-dir %s %s: status %d, stderr %q does not say %q", c.state, c.dir, out.status, out.stderr, c.want)
		}
	}
	if _, err := os.Stat(filepath.Join(one, "sub", "state")); err == nil {
		t.Error("a directory was made among the files to hash")
	}
}
