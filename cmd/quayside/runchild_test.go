package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// child is a `quayside run` in a process of its own.
type child struct {
	*running
	cmd     *exec.Cmd
	stderr  io.Closer
	lines   chan string // of standard error, closed at its end
	stdout  *buffer
	handled string // the file that the function writes
}

// late is when a test has waited for too long.
const late = 3 * time.Minute

// startRun starts `quayside run` with the variables and arguments, and returns when it polls.
func startRun(t *testing.T, variables []string, args ...string) *child {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot ask a process to stop")
	}
	ctx, cancel := context.WithTimeout(context.Background(), late)
	t.Cleanup(cancel)
	c := &child{
		running: &running{exports: make(map[string]string)}, lines: make(chan string, 100),
		stdout: new(buffer), handled: filepath.Join(t.TempDir(), "handled"),
	}
	c.cmd = exec.CommandContext(ctx, os.Args[0], append([]string{"run"}, args...)...)
	c.cmd.Env = append(os.Environ(), append(variables, childVariable+"=1", "QUAYSIDE_TEST_HANDLED="+c.handled)...)
	c.cmd.Stdout = c.stdout
	c.cmd.Cancel = func() error { return c.cmd.Process.Signal(syscall.SIGABRT) } // shows where it hangs
	stderr, err := c.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.stderr = stderr
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.lines)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			c.lines <- lines.Text()
		}
	}()
	for line := range c.lines {
		c.said += line + "\n"
		if name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "="); ok {
			c.exports[name] = value
		}
		if strings.Contains(line, "msg=polling") {
			return c
		}
	}
	t.Fatalf("it did not start: %v\n%s", c.cmd.Wait(), c.said)
	return nil
}

// until reads standard error up to a line with the text.
func (c *child) until(t *testing.T, text string) {
	t.Helper()
	for line := range c.lines {
		c.said += line + "\n"
		if strings.Contains(line, text) {
			return
		}
	}
	t.Fatalf("it ended, and did not say %q:\n%s", text, c.said)
}

// signal has it stop, or stop at once.
func (c *child) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// wait returns its exit status, and the last line that it wrote.
func (c *child) wait(t *testing.T) (status int, last string) {
	t.Helper()
	for line := range c.lines {
		c.said += line + "\n"
		if !strings.HasPrefix(line, "time=") {
			last = line
		}
	}
	_ = c.cmd.Wait() // the status says it
	return c.cmd.ProcessState.ExitCode(), last
}

// counts are the messages that the queue holds.
func counts(t *testing.T, c *sqs.Client, queue string) (n int) {
	t.Helper()
	out, err := c.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &queue, AttributeNames: allCounts})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range allCounts {
		n += atoi(t, out.Attributes[string(name)])
	}
	return n
}
