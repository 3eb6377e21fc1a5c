package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
)

// kept is a broker that outlives the program, so that a test can look into its queues.
type kept struct{ client }

func (kept) Close() error { return nil }

// keep makes a run use c.
func keep(c client) func(queue, state string) (broker, error) {
	return func(string, string) (broker, error) { return kept{c}, nil }
}

// newServer returns a server for one test.
func newServer(t *testing.T) *localqueue.Server {
	t.Helper()
	s := localqueue.New()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// makeFiles writes files with their own names as content, and returns the directory.
func makeFiles(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// manifestOf is what makeFiles' names, none of which needs an escape, are expected to give.
func manifestOf(dir string, names ...string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(slices.Values(names)) {
		sum := sha256.Sum256([]byte(name))
		b.WriteString(hex.EncodeToString(sum[:]) + "  " + dir + "/" + name + "\n")
	}
	return b.String()
}

// outcome is what a run leaves behind.
type outcome struct {
	status         int
	stdout, stderr string
	took           time.Duration
}

// start runs the program; without other settings as without -dir.
func start(ctx context.Context, set settings) outcome {
	if set.lease == 0 {
		set.lease = leaseInMemory
	}
	var stdout, stderr strings.Builder
	began := time.Now()
	status := checksums(ctx, set, &stdout, &stderr)
	return outcome{status, stdout.String(), stderr.String(), time.Since(began)}
}

// deadPaths receives the paths in the dead-letter queue.
func deadPaths(t *testing.T, c client, lease time.Duration) []string {
	t.Helper()
	q, err := create(t.Context(), c, lease)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for {
		out, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &q.dead, MaxNumberOfMessages: 10})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			slices.Sort(paths)
			return paths
		}
		for _, m := range out.Messages {
			var j job
			if err := json.Unmarshal([]byte(*m.Body), &j); err != nil {
				t.Fatal(err)
			}
			paths = append(paths, string(j.Path))
		}
	}
}

// opening wraps openFile: before is called with the path, and its error is the opener's.
func opening(before func(path string) error) opener {
	return func(path string) (io.ReadCloser, error) {
		if err := before(path); err != nil {
			return nil, err
		}
		return openFile(path)
	}
}
