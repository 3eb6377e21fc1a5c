package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/sqshttp"
)

// running is a `quayside serve` of this process.
type running struct {
	exports map[string]string
	said    string // standard output
	log     *buffer
	stop    func() int // as SIGTERM does; returns the exit status
}

// buffer is a bytes.Buffer for a writer and a reader at once.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// start runs `quayside serve` on a free port, until the test ends or stop is
// called. It returns once the server has said where it is.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	r := &running{exports: make(map[string]string), log: new(buffer)}
	ctx, cancel := context.WithCancel(context.Background())
	stdout, w := io.Pipe()
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...), w, r.log)
		w.Close()
	}()
	r.stop = sync.OnceValue(func() int {
		cancel()
		return <-status
	})
	t.Cleanup(func() { r.stop() })
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		r.said += lines.Text() + "\n"
		if name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "="); ok {
			r.exports[name] = value
		}
		if name := lines.Text(); strings.HasPrefix(name, "# requests") || strings.Contains(name, "SECRET") {
			return r // that was the last line
		}
	}
	t.Fatalf("it did not start: %s", r.log)
	return nil
}

func (r *running) url() string { return r.exports["AWS_ENDPOINT_URL_SQS"] }

// client is what the exports make of an SDK: of another key, if one is given.
func (r *running) client(key ...string) *sqs.Client {
	key = append(key, r.exports["AWS_ACCESS_KEY_ID"], r.exports["AWS_SECRET_ACCESS_KEY"])
	return sqs.New(sqs.Options{
		BaseEndpoint: aws.String(r.url()),
		Region:       r.exports["AWS_REGION"],
		HTTPClient:   sqshttp.New(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: key[0], SecretAccessKey: key[1]}, nil
		}),
	})
}

// get returns the status and the body of a page.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	reply, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply.StatusCode, string(body)
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
