package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// TestUnreadable has a file that can never be opened, one that cannot twice, and a third that can.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t)
		dir := makeFiles(t, "bad", "flaky", "good")
		var mu sync.Mutex
		opened := map[string][]time.Time{}
		out := start(t.Context(), settings{
			dir: dir, concurrency: 4, connect: keep(server),
			open: opening(func(path string) error {
				mu.Lock()
				defer mu.Unlock()
				name := filepath.Base(path)
				opened[name] = append(opened[name], time.Now())
				if name == "bad" || name == "flaky" && len(opened[name]) < 3 {
					return &os.PathError{Op: "open", Path: path, Err: errors.New("the disk is on fire")}
				}
				return nil
			}),
		})

		if out.status != exitFailed {
			t.Errorf("status %d, want %d", out.status, exitFailed)
		}
		if want := manifestOf(dir, "flaky", "good"); out.stdout != want {
			t.Errorf("manifest:\n%swant:\n%s", out.stdout, want)
		}
		want := "checksums: " + dir + "/bad: open: the disk is on fire\n" +
			"checksums: 2 hashed, 1 failed, 0 missing; 1 in the dead-letter queue\n"
		if out.stderr != want {
			t.Errorf("stderr:\n%swant:\n%s", out.stderr, want)
		}
		if got, want := deadPaths(t, server, leaseInMemory), []string{dir + "/bad"}; !slices.Equal(got, want) {
			t.Errorf("dead-letter queue holds %q, want %q", got, want)
		}
		for name, times := range opened {
			if want := map[string]int{"bad": 3, "flaky": 3, "good": 1}[name]; len(times) != want {
				t.Errorf("%s was opened %d times, want %d", name, len(times), want)
			}
			for i := 1; i < len(times); i++ {
				if d := times[i].Sub(times[i-1]); d < retryAfter || d > retryAfter+100*time.Millisecond {
					t.Errorf("%s was tried again after %v, want about %v", name, d, retryAfter)
				}
			}
		}
		if out.took > 6*time.Second {
			t.Errorf("took %v", out.took)
		}
	})
}

// TestManyUnreadable lets every seventh of many files fail.
func TestManyUnreadable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t)
		var names, good, bad []string
		for i := range 300 {
			name := "file-" + string(rune('a'+i/26)) + string(rune('a'+i%26))
			names = append(names, name)
			if i%7 == 0 {
				bad = append(bad, name)
			} else {
				good = append(good, name)
			}
		}
		dir := makeFiles(t, names...)
		out := start(t.Context(), settings{
			dir: dir, concurrency: 16, connect: keep(server),
			open: opening(func(path string) error {
				if slices.Contains(bad, filepath.Base(path)) {
					return errors.New("no luck")
				}
				return nil
			}),
		})
		if out.status != exitFailed {
			t.Errorf("status %d, want %d", out.status, exitFailed)
		}
		if want := manifestOf(dir, good...); out.stdout != want {
			t.Errorf("manifest:\n%swant:\n%s", out.stdout, want)
		}
		for _, name := range bad {
			if !strings.Contains(out.stderr, "checksums: "+dir+"/"+name+": no luck\n") {
				t.Errorf("stderr does not report %s", name)
			}
		}
		if got := deadPaths(t, server, leaseInMemory); len(got) != len(bad) {
			t.Errorf("dead-letter queue holds %d, want %d", len(got), len(bad))
		}
	})
}

// doubling delivers every message twice, jobs and results, as SQS may.
type doubling struct{ *localqueue.Server }

func (d doubling) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, opts ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	if _, err := d.Server.SendMessageBatch(ctx, in, opts...); err != nil {
		return nil, err
	}
	return d.Server.SendMessageBatch(ctx, in, opts...)
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := makeFiles(t, "a", "b", "bad", "c")
		out := start(t.Context(), settings{
			dir: dir, concurrency: 8, connect: keep(doubling{newServer(t)}),
			open: opening(func(path string) error {
				if filepath.Base(path) == "bad" {
					return errors.New("no luck")
				}
				return nil
			}),
		})
		if want := manifestOf(dir, "a", "b", "c"); out.stdout != want {
			t.Errorf("manifest:\n%swant:\n%s", out.stdout, want)
		}
		if n := strings.Count(out.stderr, "no luck"); out.status != exitFailed || n != 1 {
			t.Errorf("status %d, %d reports:\n%s", out.status, n, out.stderr)
		}
	})
}

// losing loses every reply with jobs: each is received, and never handled.
type losing struct{ *localqueue.Server }

func (l losing) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, opts ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	out, err := l.Server.ReceiveMessage(ctx, in, opts...)
	if err == nil && strings.HasSuffix(*in.QueueUrl, "-jobs") {
		out.Messages = []types.Message{}
	}
	return out, err
}

// TestDeadWithoutWord has jobs that reach the dead-letter queue without having been handled once.
func TestDeadWithoutWord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t)
		dir := makeFiles(t, "a", "b")
		out := start(t.Context(), settings{dir: dir, concurrency: 2, connect: keep(losing{server}), open: openFile})
		if out.status != exitFailed || out.stdout != "" {
			t.Errorf("status %d, stdout %q", out.status, out.stdout)
		}
		want := "checksums: " + dir + "/a: no checksum\n" +
			"checksums: " + dir + "/b: no checksum\n" +
			"checksums: 0 hashed, 0 failed, 2 missing; 2 in the dead-letter queue\n" +
			"checksums: no manifest written: files without a checksum: 2\n"
		if out.stderr != want {
			t.Errorf("stderr:\n%swant:\n%s", out.stderr, want)
		}
	})
}
