package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"
)

var runMessages = flag.Int("run.messages", 100, "messages that TestRun sends through each function")

var allCounts = []types.QueueAttributeName{
	types.QueueAttributeNameApproximateNumberOfMessages,
	types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
}

// chaos is what may happen to the functions of TestRun.
var chaos = []string{
	"QUAYSIDE_TEST_START=0.1", "QUAYSIDE_TEST_CRASH=0.02", "QUAYSIDE_TEST_TIMEOUT=0.01",
	"QUAYSIDE_TEST_ERROR=0.02", "QUAYSIDE_TEST_FAIL=0.03",
}

// TestRun sends messages through functions that crash, hang, throw and fail: each message is
// handled, and then the queue is empty. CI does it with 10,000 messages.
func TestRun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, queue, exec string }{
		{"go", "orders", "'" + os.Args[0] + "'"},
		{"go-fifo", "jobs.fifo", "'" + os.Args[0] + "'"},
		{"python", "orders", "python3 testdata/bootstrap.py"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath("python3"); err != nil && c.name == "python" {
				if os.Getenv("QUAYSIDE_FOREIGN") == "required" {
					t.Fatal(err)
				}
				t.Skip("python3 is not installed")
			}
			n, began := *runMessages, time.Now()
			r := startRun(t, chaos, "--addr", "127.0.0.1:0", "--queue", c.queue, "--exec", c.exec,
				"--timeout", "500ms", "--visibility", "1s", "--concurrency", "8")
			queue, client := r.queue(c.queue), r.client()
			var sending errgroup.Group
			sending.Go(func() error { return sendNumbers(t, client, queue, n) })
			handled := r.untilHandled(t, client, queue, n)
			if err := sending.Wait(); err != nil {
				t.Fatal(err)
			}
			r.signal(t, syscall.SIGTERM)
			status, last := r.wait(t)
			if status != exitOK {
				t.Errorf("exit status %d:\n%s", status, r.said)
			}
			if !strings.HasPrefix(last, "total: ") {
				t.Errorf("the last line is %q", last)
			}
			if strings.Contains(r.said, "did not ask for") {
				t.Errorf("a process was taken for one that hangs:\n%s", r.said)
			}
			checkHandled(t, r.handled, n, strings.HasSuffix(c.queue, ".fifo"))
			t.Logf("%d messages, %d handled and confirmed, in %v: %s", n, handled, time.Since(began).Round(time.Millisecond), last)
		})
	}
}

var reportLine = regexp.MustCompile(`^invocation [-0-9a-f]{36}: (\d+) records?, (all|\d+) failed, [0-9.µm]+s`)

// untilHandled reads the reports until n messages are handled and the queue is empty.
func (c *child) untilHandled(t *testing.T, client *sqs.Client, queue string, n int) (handled int) {
	t.Helper()
	for line := range c.lines {
		c.said += line + "\n"
		report := reportLine.FindStringSubmatch(line)
		if report == nil {
			continue
		}
		if report[2] != "all" {
			handled += atoi(t, report[1]) - atoi(t, report[2])
		}
		if handled >= n && counts(t, client, queue) == 0 {
			return handled
		}
	}
	t.Fatalf("it ended after %d of %d messages:\n%s", handled, n, c.said)
	return 0
}

// sendNumbers sends the numbers below n, from several clients. On a FIFO queue each hundred is a
// group, in order.
func sendNumbers(t *testing.T, c *sqs.Client, queue string, n int) error {
	var all errgroup.Group
	all.SetLimit(4)
	for from := 0; from < n; from += 100 {
		all.Go(func() error {
			for ten := from; ten < min(from+100, n); ten += 10 {
				in := &sqs.SendMessageBatchInput{QueueUrl: &queue}
				for i := ten; i < min(ten+10, n); i++ {
					text := strconv.Itoa(i)
					e := types.SendMessageBatchRequestEntry{Id: &text, MessageBody: &text}
					if strings.HasSuffix(queue, ".fifo") {
						e.MessageGroupId, e.MessageDeduplicationId = aws.String(strconv.Itoa(i/10)), &text
					}
					in.Entries = append(in.Entries, e)
				}
				out, err := c.SendMessageBatch(t.Context(), in)
				if err != nil || len(out.Failed) > 0 {
					return fmt.Errorf("send: %v, %v", out, err)
				}
			}
			return nil
		})
	}
	return all.Wait()
}

// checkHandled reads what the function has handled: every number below n. On a FIFO queue no
// number of a group came before a lower one was handled for the first time.
func checkHandled(t *testing.T, file string, n int, fifo bool) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	seen, highest := make(map[int]bool), make(map[int]int)
	for line := range strings.Lines(string(text)) {
		i := atoi(t, strings.TrimSpace(line))
		first := !seen[i]
		seen[i] = true
		if group := i / 10; fifo && first {
			if i < highest[group] {
				t.Errorf("%d was handled after %d", i, highest[group])
			}
			highest[group] = i
		}
	}
	for i := range n {
		if !seen[i] {
			t.Errorf("%d was never handled", i)
		}
	}
	if len(seen) != n {
		t.Errorf("%d messages were handled, want %d", len(seen), n)
	}
}

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// sendOne sends a message to the queue.
func sendOne(t *testing.T, c *sqs.Client, queue string) {
	t.Helper()
	if _, err := c.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String("7")}); err != nil {
		t.Fatal(err)
	}
}

// alive accepts the connection of a function, which ends with its process.
func alive(t *testing.T) (addr string, gone func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String(), func() {
		t.Helper()
		late := time.Now().Add(20 * time.Second)
		_ = l.(*net.TCPListener).SetDeadline(late)
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetReadDeadline(late)
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("the function's process lives on: %v", err)
		}
	}
}
