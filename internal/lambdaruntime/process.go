package lambdaruntime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"time"
)

// graceful is how long a process has from SIGTERM to its end, as on Lambda.
const graceful = 500 * time.Millisecond

// process is a process of the function, and the server of its Runtime API.
type process struct {
	slot   *Slot
	cmd    *exec.Cmd
	group  *group // the process and what it has started
	addr   string // of its Runtime API
	server *http.Server
	served chan struct{} // closed when the server has ended

	ready     chan struct{} // closed by the first next
	initError chan error    // of /init/error; has room for one
	exited    chan struct{} // closed when the process is gone
	result    error         // of cmd.Wait, once it is

	mu      sync.Mutex
	failed  bool        // it has said that it cannot start
	nexts   int         // how often it asked for an event
	asking  int         // nexts that have not ended
	events  int         // how many it took
	running *invocation // nil: none
	gone    bool
	blamed  bool        // an error was the last that became of an event: its end needs no other
	reason  error       // why it was killed; nil: it was not
	late    *time.Timer // kills it if it does not ask for the next event; nil: it need not
}

// start starts a process for the slot.
func start(s *Slot) (*process, error) {
	o := s.pool.o
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serve the Runtime API: %w", err)
	}
	env, err := o.environment(l.Addr().String())
	if err != nil {
		l.Close()
		return nil, err
	}
	p := &process{
		slot: s, addr: l.Addr().String(), cmd: exec.Command(o.Command[0], o.Command[1:]...), served: make(chan struct{}),
		ready: make(chan struct{}), initError: make(chan error, 1), exited: make(chan struct{}),
	}
	p.cmd.Env = env
	pipes, err := p.launch()
	if err != nil {
		l.Close()
		return nil, err
	}
	s.enter(p)
	p.server = &http.Server{Handler: p.routes()} // without timeouts: it waits for events as long as it takes
	go func() {
		defer close(p.served)
		_ = p.server.Serve(l) // ends when it is closed
	}()
	go func() {
		defer close(p.exited)
		p.result = p.cmd.Wait()
		p.mu.Lock()
		p.gone = true
		p.group.kill() // what it leaves behind
		p.mu.Unlock()
		drain(pipes)
	}()
	return p, nil
}

// launch starts the command, and returns the pipes that its output comes from.
func (p *process) launch() (pipes []*pipe, err error) {
	for _, to := range []struct {
		lines  *lines
		writer *io.Writer
	}{{p.slot.pool.stdout, &p.cmd.Stdout}, {p.slot.pool.stderr, &p.cmd.Stderr}} {
		one, err := to.lines.pipe()
		if err != nil {
			unstarted(pipes)
			return nil, err
		}
		*to.writer = one.write
		pipes = append(pipes, one)
	}
	if p.group, err = startGroup(p.cmd); err != nil {
		unstarted(pipes)
		return nil, err
	}
	started(pipes)
	return pipes, nil
}

// end ends the process if it has not, and its server.
func (p *process) end() {
	p.kill(ErrClosed)
	<-p.exited
	p.group.close()
	_ = p.server.Close()
	<-p.served
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inTime()
}

// kill kills the process and what it has started. It does not wait for the end. The first
// reason counts.
func (p *process) kill(reason error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killLocked(reason)
}

func (p *process) killLocked(reason error) {
	if p.gone {
		return // and its id may be another's
	}
	if p.reason == nil {
		p.reason = reason
	}
	p.group.kill()
}

// lastWords gives a process that is about to end by itself the time for it.
func (p *process) lastWords() {
	limit := time.NewTimer(graceful)
	defer limit.Stop()
	select {
	case <-p.exited:
	case <-limit.C:
	}
}

// terminate asks the process to end, and kills it if that takes too long.
func (p *process) terminate(gracefully bool) {
	if gracefully && p.group.terminate() {
		p.lastWords()
	}
	p.kill(ErrClosed)
	<-p.exited
}

// isReady reports whether the process has asked for an event.
func (p *process) isReady() bool {
	select {
	case <-p.ready:
		return true
	default:
		return false
	}
}

// last says what the process, which is gone, has done: whether it took an event, and whether
// an invocation tells its end.
func (p *process) last() (useful, told bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.events > 0, p.blamed || p.running != nil
}

// why says how the process ended.
func (p *process) why(did string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reason != nil {
		return p.reason
	}
	how := "status 0"
	if exit, ok := errors.AsType[*exec.ExitError](p.result); ok {
		how = exit.String() // exit status 1, signal: killed
	} else if p.result != nil {
		how = p.result.Error()
	}
	return &FunctionError{typeExit, "the process " + did + ": " + how}
}
