package killtest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// startTimeout is how long a server may take until it serves, and to close.
const startTimeout = time.Minute

// A service has one life after the other; in each it serves what it had at the end of
// the one before.
type service interface {
	// start begins a life and returns when it serves.
	start(childConfig) (ready, error)
	// stillborn begins a life that is killed after d, served or not.
	stillborn(c childConfig, d time.Duration) error
	// kill ends the life at once. It may be called from many goroutines, and again.
	kill()
	// close ends the life in order; it is killed if that is not done after d.
	close(d time.Duration) error
	// wait returns when the life is over; an error says that it ended by itself.
	wait() error
}

// processes is the service whose lives are processes.
type processes struct {
	mu  sync.Mutex
	now *process
}

// process is one of them.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr bytes.Buffer
	exited chan struct{}
	killed bool // guarded by processes.mu
	closed bool
	err    error // of its end, once exited is closed
}

func (s *processes) launch(c childConfig) (*process, error) {
	config, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{exited: make(chan struct{})}
	p.cmd = exec.CommandContext(context.Background(), self)
	p.cmd.Env = append(os.Environ(), childEnv+"="+string(config))
	p.cmd.Stderr = &p.stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, in := io.Pipe() // Wait must not take the line away before it is read
	p.cmd.Stdout, p.stdout = in, bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.cmd.Wait()
		_ = in.Close()
		close(p.exited)
	}()
	s.mu.Lock()
	s.now = p
	s.mu.Unlock()
	return p, nil
}

func (s *processes) start(c childConfig) (ready, error) {
	p, err := s.launch(c)
	if err != nil {
		return ready{}, err
	}
	timer := time.AfterFunc(startTimeout, s.kill)
	defer timer.Stop()
	var r ready
	line, err := p.stdout.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	go io.Copy(io.Discard, p.stdout)
	if err != nil {
		s.kill()
		<-p.exited
		return r, fmt.Errorf("the server did not come up: %w; it wrote:\n%s", err, tail(p.stderr.Bytes()))
	}
	return r, nil
}

func (s *processes) stillborn(c childConfig, d time.Duration) error {
	p, err := s.launch(c)
	if err != nil {
		return err
	}
	go io.Copy(io.Discard, p.stdout)
	select {
	case <-time.After(d):
	case <-p.exited:
	}
	s.kill()
	return s.wait()
}

func (s *processes) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.now; p != nil && !p.killed {
		select {
		case <-p.exited: // by itself
		default:
			p.killed = true
			_ = p.cmd.Process.Kill()
		}
	}
}

func (s *processes) close(d time.Duration) error {
	s.mu.Lock()
	p := s.now
	p.closed = true
	s.mu.Unlock()
	timer := time.AfterFunc(d, s.kill)
	defer timer.Stop()
	if _, err := io.WriteString(p.stdin, "close\n"); err != nil {
		s.kill()
	}
	return s.wait()
}

func (s *processes) wait() error {
	p := s.now
	if p == nil {
		return nil
	}
	<-p.exited
	_ = p.stdin.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	var exit *exec.ExitError
	switch {
	case p.stderr.Len() > 0 && (p.killed || p.closed): // what panics in a request, or a race
		return fmt.Errorf("the server wrote:\n%s", tail(p.stderr.Bytes()))
	case p.killed:
		return nil // Wait's error is then that of the signal
	case p.closed && p.err == nil:
		return nil
	case p.err == nil || errors.As(p.err, &exit):
		return fmt.Errorf("the server ended by itself (%s), and wrote:\n%s", p.cmd.ProcessState, tail(p.stderr.Bytes()))
	}
	return p.err
}

// tail is the end of a long text, behind its beginning.
func tail(b []byte) []byte {
	const most = 8 << 10
	if len(b) <= 2*most {
		return b
	}
	return append(append(append([]byte(nil), b[:most]...), "\n[...]\n"...), b[len(b)-most:]...)
}
