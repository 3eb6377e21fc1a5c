package lambdaruntime

import (
	"io"
	"os"
	"time"
)

// outputLimit is how long the output of a process that is gone is waited for: what it wrote
// last has to be read from the pipe, and by whoever reads this process's output.
const outputLimit = time.Second

// pipe carries what a process prints to where its lines go. Those of os/exec would have Wait
// wait for who reads them, as long as it takes.
type pipe struct {
	read, write *os.File // the process has the latter
	to          *lineWriter
	copied      chan struct{} // closed at the end of the output
}

// pipe makes a pipe to the lines.
func (l *lines) pipe() (*pipe, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &pipe{read, write, l.writer(), make(chan struct{})}, nil
}

// copy copies until all who have the process's end have closed it, or drain does not wait any more.
func (p *pipe) copy() {
	defer close(p.copied)
	_, _ = io.Copy(p.to, p.read)
	p.to.flush()
}

// started has the pipes copied to where they go, once the process has its ends of them.
func started(pipes []*pipe) {
	for _, p := range pipes {
		p.write.Close()
		go p.copy()
	}
}

// unstarted closes the pipes of a process that there is none of.
func unstarted(pipes []*pipe) {
	for _, p := range pipes {
		p.read.Close()
		p.write.Close()
	}
}

// drain waits for the rest of what a process has printed, for outputLimit at most.
func drain(pipes []*pipe) {
	limit := time.AfterFunc(outputLimit, func() {
		for _, p := range pipes {
			close(p.to.over)
			p.read.Close()
		}
	})
	defer limit.Stop()
	for _, p := range pipes {
		<-p.copied
		p.read.Close()
	}
}
