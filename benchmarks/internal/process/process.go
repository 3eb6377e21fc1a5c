// Package process starts the servers that are compared, each in a process of its own, and reads what the
// operating system knows of them: processor time and memory.
package process

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Announcement is how a server says where it serves: the rest of the line is host:port.
const Announcement = "export AWS_ENDPOINT_URL_SQS=http://"

// patience is how long a server may take to serve, and to stop; reluctance, how long after that what it has
// started itself may keep its output open.
const (
	patience   = 30 * time.Second
	reluctance = 2 * time.Second
)

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
	p.cmd.WaitDelay = reluctance
	lines := make(chan string, 1)
	p.cmd.Stdout, p.cmd.Stderr = &announced{lines: lines}, p.stderr
	p.cmd.Env = append(os.Environ(), variables...)
	if _, err := p.cmd.StdinPipe(); err != nil { // open as long as this process lives, so that one's own can end with it
		return nil, nil, err
	}
	p.Started = time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, nil, err
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
		close(lines)
	}()
	return p, lines, nil
}

// announced takes a process's output and passes on the first address that it announces.
type announced struct {
	lines chan<- string // with room for one
	found bool
	line  []byte // the last one, so far
}

func (a *announced) Write(b []byte) (int, error) {
	for part := range bytes.Lines(b) {
		if a.found {
			break
		}
		if len(a.line) < 4096 { // what is longer announces nothing
			a.line = append(a.line, part...)
		}
		if part[len(part)-1] != '\n' {
			break // the rest is still to come
		}
		var addr []byte
		if addr, a.found = bytes.CutPrefix(a.line, []byte(Announcement)); a.found {
			a.lines <- string(bytes.TrimRight(addr, "/ \r\n"))
		}
		a.line = a.line[:0]
	}
	return len(b), nil
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
