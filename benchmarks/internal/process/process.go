// Package process starts the servers that are compared, each in a process of its own, and reads what the
// operating system knows of them: processor time and memory.
package process

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Announcement is how a server says where it serves: the rest of the line is host:port.
const Announcement = "export AWS_ENDPOINT_URL_SQS=http://"

// patience is how long a server may take to serve, and to stop.
const patience = 30 * time.Second

// Process is a server that runs until Stop.
type Process struct {
	Addr    string    // host:port
	Started time.Time // before the process was made
	cmd     *exec.Cmd
	stderr  *tail
	ended   chan struct{} // closed once it has ended and err is set
	err     error
}

// Start runs a program that writes Announcement to standard output once it serves. It returns when the
// program has done so. The process is ended with ctx at the latest.
func Start(ctx context.Context, program string, args ...string) (*Process, error) {
	p, lines, err := begin(ctx, nil, program, args)
	if err != nil {
		return nil, err
	}
	select {
	case addr, ok := <-lines:
		if ok {
			p.Addr = addr
			return p, nil
		}
		<-p.ended
		return nil, fmt.Errorf("%s ended before it served: %w", program, p.reason())
	case <-time.After(patience):
		p.Stop()
		return nil, fmt.Errorf("%s did not say where it serves in %v", program, patience)
	}
}

// StartAt runs a program that serves at addr and does not say when. It returns once addr accepts
// connections.
func StartAt(ctx context.Context, addr, program string, args ...string) (*Process, error) {
	return StartIn(ctx, nil, addr, program, args...)
}

// StartIn is StartAt with variables ("NAME=value") in addition to those of this process.
func StartIn(ctx context.Context, variables []string, addr, program string, args ...string) (*Process, error) {
	p, _, err := begin(ctx, variables, program, args)
	if err != nil {
		return nil, err
	}
	p.Addr = addr
	if err := p.wait(ctx); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

// begin starts the process and the goroutine that waits for its end. The channel gets the address that
// the process announces, and is closed at the end of its output.
func begin(ctx context.Context, variables []string, program string, args []string) (*Process, <-chan string, error) {
	p := &Process{cmd: exec.CommandContext(ctx, program, args...), stderr: &tail{}, ended: make(chan struct{})}
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = patience
	p.cmd.Stderr = p.stderr
	p.cmd.Env = append(os.Environ(), variables...)
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if _, err := p.cmd.StdinPipe(); err != nil { // open as long as this process lives, so that one's own can end with it
		return nil, nil, err
	}
	p.Started = time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, nil, err
	}
	lines := make(chan string, 1)
	go func() {
		defer close(p.ended)
		announced(out, lines)
		p.err = p.cmd.Wait()
	}()
	return p, lines, nil
}

// announced reads a process's output to its end, so that the process is never blocked by it, and passes
// on the first address announced.
func announced(out io.Reader, lines chan<- string) {
	defer close(lines)
	in := bufio.NewScanner(out)
	for found := false; in.Scan(); {
		addr, ok := strings.CutPrefix(in.Text(), Announcement)
		if ok && !found {
			lines <- strings.TrimRight(addr, "/ ")
			found = true
		}
	}
	_, _ = io.Copy(io.Discard, out) // a line too long for the scanner ends it early
}

// Stop ends the process: it asks first, and insists when that takes longer than half a minute. It
// returns when the process has ended.
func (p *Process) Stop() { p.StopIn(patience) }

// StopIn is Stop that insists after d.
func (p *Process) StopIn(d time.Duration) {
	if p.cmd.Process.Signal(syscall.SIGTERM) != nil {
		_ = p.cmd.Process.Signal(os.Kill) // no such signal on this system, or ended already
	}
	select {
	case <-p.ended:
	case <-time.After(d):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// PID is the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// reason says why a process that has ended did, with the end of what it wrote to standard error.
func (p *Process) reason() error {
	if p.err == nil {
		return fmt.Errorf("exit status 0: %s", p.stderr)
	}
	return fmt.Errorf("%w: %s", p.err, p.stderr)
}
