package main

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestRunErrors has command lines that do not get as far as polling.
func TestRunErrors(t *testing.T) {
	t.Parallel()
	const fine = "run --addr 127.0.0.1:0 --queue orders --exec true "
	here := "it cannot be had with --aws, --endpoint or a queue's URL"
	none := filepath.Join(t.TempDir(), "none")
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"run --exec true", exitUsage, "--queue is missing: want the queue's name, such as --queue orders, or its URL"},
		{"run --queue orders", exitUsage, "--exec is missing: want the function's command, such as --exec ./bootstrap"},
		{"run --queue orders --exec 'true", exitUsage, `--exec "'true": a quote is not closed`},
		{fine + "more", exitUsage, `unknown command "more" for "quayside run"`},
		{fine + "--batch-size 0", exitUsage, "batch size 0: want 1 to 10000 messages"},
		{fine + "--batch-size 11", exitUsage, "batch size 11: over 10 messages need a batching window of 1s or more"},
		{fine + "--batch-window 301s", exitUsage, "batching window 5m1s: want 0s to 5m0s"},
		{"run --queue jobs.fifo --exec true --batch-window 1s", exitUsage, "batching window: a FIFO queue has none"},
		{"run --queue https://sqs.eu-west-1.amazonaws.com/1/jobs.fifo --exec true --batch-size 20", exitUsage, "batch size 20: a FIFO queue has batches of 1 to 10 messages"},
		{fine + "--timeout 16m", exitUsage, "--timeout 16m0s: want up to 15m0s"},
		{fine + "--init-timeout 0s", exitUsage, "--init-timeout 0s: want more than nothing"},
		{fine + "--concurrency 0", exitUsage, "--concurrency 0: want 1 to 1000"},
		{fine + "--visibility 1500ms", exitUsage, "--visibility 1.5s: want whole seconds, more than none and up to 12h"},
		{fine + "--visibility 0s", exitUsage, "--visibility 0s: want whole seconds, more than none and up to 12h"},
		{fine + "--memory 0", exitUsage, "--memory 0: want megabytes, more than none"},
		{fine + "--function a:b", exitUsage, `--function "a:b": want a name`},
		{fine + "--log-level loud", exitUsage, `--log-level "loud": want error, warn, info or debug`},
		{fine + "--addr 9324", exitUsage, `--addr "9324": want host:port, such as 127.0.0.1:9324 or :9324`},
		{fine + "--sync never", exitUsage, "--sync needs --dir: in memory there is nothing to sync"},
		{fine + "--fault boom,rate=1", exitUsage, `--fault "boom,rate=1": `},
		{fine + "--account 1", exitUsage, "--region, --account: "},
		{fine + "--aws --visibility 30s", exitUsage, "--addr is for a queue made here: " + here},
		{"run --aws --queue orders --exec true --dir x", exitUsage, "--dir is for a queue made here: " + here},
		{"run --endpoint localhost:9324 --queue orders --exec true", exitUsage, `--endpoint "localhost:9324": want http://host:port or https://host:port`},
		{"run --aws --queue a->b --exec true", exitUsage, `--queue "a->b": dead-letter queues are set up where the queue is; want its name or URL`},
		{"run --queue http://localhost --exec true", exitFailure, `--queue "http://localhost": want a queue's URL, such as `},
		{"run --endpoint http://127.0.0.1:1 --queue orders --exec true", exitFailure, "queue orders: "},

		{fine + "--timeout 31s", exitFailure, "queue orders: its visibility timeout, 30s, is below the function's timeout, 31s, which Lambda refuses: set VisibilityTimeout to 186 (six times the timeout), or lower the timeout"},
		{"run --addr 127.0.0.1:0 --queue orders --exec " + none, exitFailure, "--exec: exec: "},
		{"run --addr 127.0.0.1:0 --queue orders --exec run.go", exitFailure, `--exec: exec: "run.go": executable file not found in $PATH; for the file here say ./run.go`},
		{"run --addr 127.0.0.1:0 --queue a/b --exec true", exitFailure, `--queue "a/b": Can only include alphanumeric characters`},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr buffer
			status := run(t.Context(), strings.Fields(c.args), &stdout, &stderr)
			var last string
			for line := range strings.Lines(stderr.String()) {
				last = line
			}
			if status != c.status || !strings.HasPrefix(last, "quayside: "+c.want) {
				t.Errorf("exit status %d, want %d, and said:\n%swant %s", status, c.status, stderr.String(), c.want)
			}
			if stdout.String() != "" {
				t.Errorf("standard output: %s", stdout.String())
			}
		})
	}
}

func TestSplitCommand(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                                 nil,
		"  ":                               nil,
		"./bootstrap":                      {"./bootstrap"},
		" go  run\t./handler ":             {"go", "run", "./handler"},
		`sh -c 'echo "a b"; exec x'`:       {"sh", "-c", `echo "a b"; exec x`},
		`"C:\Program Files\f.exe" a'b c'd`: {`C:\Program Files\f.exe`, "ab cd"},
		`a ""`:                             {"a", ""},
	} {
		got, err := splitCommand(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	if _, err := splitCommand(`a "b`); err == nil {
		t.Error("an open quote is fine")
	}
}

// TestPlace has what --endpoint, --region and a URL say about where a queue is.
func TestPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		queue, endpoint, region string
		want                    place
	}{
		{"orders", "", "", place{}},
		{"orders", "http://127.0.0.1:9324/", "", place{endpoint: "http://127.0.0.1:9324", foreign: true}},
		{"orders", "", "eu-west-1", place{region: "eu-west-1"}},
		{"http://127.0.0.1:9324/000000000000/orders", "", "", place{endpoint: "http://127.0.0.1:9324", foreign: true}},
		{"http://127.0.0.1:9324/000000000000/orders", "http://proxy:1", "", place{endpoint: "http://proxy:1", foreign: true}},
		{"https://sqs.eu-west-1.amazonaws.com/123456789012/orders", "", "", place{region: "eu-west-1"}},
		{"https://sqs.cn-north-1.amazonaws.com.cn/123456789012/orders", "", "", place{region: "cn-north-1"}},
		{"https://sqs.eu-west-1.amazonaws.com/123456789012/orders", "", "eu-west-2", place{region: "eu-west-2"}},
		{"https://us-east-2.queue.amazonaws.com/123456789012/orders", "", "", place{region: "us-east-2"}},
		{"https://queue.amazonaws.com/123456789012/orders", "", "", place{region: "us-east-1"}},
		{"https://sqs-fips.us-east-2.amazonaws.com/123456789012/orders", "", "", place{endpoint: "https://sqs-fips.us-east-2.amazonaws.com", region: "us-east-2"}},
		{"https://vpce-0a.sqs.us-east-2.vpce.amazonaws.com/123456789012/orders", "", "", place{endpoint: "https://vpce-0a.sqs.us-east-2.vpce.amazonaws.com", region: "us-east-2"}},
		{"https://sqs.us-east-2.api.aws/123456789012/orders", "", "", place{endpoint: "https://sqs.us-east-2.api.aws", region: "us-east-2"}},
		{"orders", "https://sqs.eu-west-1.amazonaws.com", "", place{endpoint: "https://sqs.eu-west-1.amazonaws.com"}},
	} {
		f := runFlags{queue: c.queue, endpoint: c.endpoint, region: c.region, given: func(string) bool { return c.region != "" }}
		if got, err := f.place(); err != nil || got != c.want {
			t.Errorf("%+v: %+v, %v", c, got, err)
		}
	}
}

// TestLocalEnvironment has what functions get to find the queue made here.
func TestLocalEnvironment(t *testing.T) {
	t.Parallel()
	const endpoint = "AWS_ENDPOINT_URL_SQS=http://127.0.0.1:1"
	for set, want := range map[string][]string{
		"":                  {endpoint, "AWS_ACCESS_KEY_ID=000000000000", "AWS_SECRET_ACCESS_KEY=quayside"},
		"AWS_ACCESS_KEY_ID": {endpoint},
		"AWS_PROFILE":       {endpoint},
	} {
		got := localEnvironment("http://127.0.0.1:1", "000000000000", func(name string) string {
			if name == set {
				return "mine"
			}
			return ""
		})
		if !reflect.DeepEqual(got, want) {
			t.Errorf("with %s: %q", set, got)
		}
	}
}
