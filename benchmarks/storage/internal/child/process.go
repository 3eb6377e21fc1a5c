package child

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/quayside-go/quayside/benchmarks/storage/internal/machine"
)

// Process is a child. It obeys one command at a time.
type Process struct {
	Kind, Dir string
	Opened    Opened
	cmd       *exec.Cmd
	in        io.WriteCloser
	commands  *json.Encoder
	answers   *json.Decoder
	stderr    strings.Builder
}

// Start starts this program again, as a store of that kind in dir, and returns when it is open. Segment
// is that of store.Open. The process is killed with ctx at the latest.
func Start(ctx context.Context, kind, dir string, segment int64) (*Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &Process{Kind: kind, Dir: dir, cmd: exec.CommandContext(ctx, self, Argument, kind, dir, strconv.FormatInt(segment, 10))}
	p.cmd.Stderr = &p.stderr
	p.cmd.WaitDelay = time.Second
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		p.in, err = p.cmd.StdinPipe()
	}
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		return nil, err
	}
	p.commands, p.answers = json.NewEncoder(p.in), json.NewDecoder(out)
	a, err := p.answer()
	if err != nil {
		p.Kill()
		return nil, fmt.Errorf("%s: %w", kind, err)
	}
	p.Opened = a.Opened
	return p, nil
}

// ask sends a command and waits for its answer.
func (p *Process) ask(do command) (answer, error) {
	err := p.commands.Encode(do)
	if err != nil {
		err = p.ended(err)
	}
	var a answer
	if err == nil {
		a, err = p.answer()
	}
	if err != nil {
		return a, fmt.Errorf("%s, %s: %w", p.Kind, do.Do, err)
	}
	return a, nil
}

func (p *Process) answer() (answer, error) {
	var a answer
	if err := p.answers.Decode(&a); err != nil {
		return a, p.ended(err)
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}

// ended says why a process that does not answer ended.
func (p *Process) ended(err error) error {
	p.Kill()
	return fmt.Errorf("the process ended (%w): %s", err, strings.TrimSpace(p.stderr.String()))
}

// Put adds messages for d, by calls of that many.
func (p *Process) Put(callers, batch int, d time.Duration) (Spent, error) {
	a, err := p.ask(command{Do: "put", Callers: callers, Batch: batch, For: d})
	return a.Spent, err
}

// Take receives and deletes all messages. It fails if that takes longer than d.
func (p *Process) Take(callers, batch int, d time.Duration) (Spent, error) {
	a, err := p.ask(command{Do: "take", Callers: callers, Batch: batch, For: d})
	if err == nil && a.Spent.Elapsed >= d {
		err = fmt.Errorf("%s: taking all messages took longer than %v", p.Kind, d)
	}
	return a.Spent, err
}

// Load adds that many messages, by tens. Spent has no times of calls.
func (p *Process) Load(messages int) (Spent, error) {
	a, err := p.ask(command{Do: "load", Callers: 64, Batch: 10, Messages: messages})
	return a.Spent, err
}

// Steady has callers put, take and delete that many at a time, for d.
func (p *Process) Steady(callers, batch int, d time.Duration) (Spent, error) {
	a, err := p.ask(command{Do: "steady", Callers: callers, Batch: batch, For: d})
	return a.Spent, err
}

// Straggle begins to delete some messages only d after they were received: a hundred a second.
func (p *Process) Straggle(d time.Duration) error {
	_, err := p.ask(command{Do: "straggle", For: d})
	return err
}

// Fill adds messages that are in that state.
func (p *Process) Fill(state string, messages int) error {
	_, err := p.ask(command{Do: "fill", State: state, Messages: messages})
	return err
}

// Memory collects garbage and returns what is left.
func (p *Process) Memory() (machine.Memory, error) {
	a, err := p.ask(command{Do: "memory"})
	return a.Memory, err
}

// Rest waits until the store does nothing, but for no longer than d.
func (p *Process) Rest(d time.Duration) error {
	_, err := p.ask(command{Do: "rest", For: d})
	return err
}

// Serve has the store answer HTTP and returns where, as host:port.
func (p *Process) Serve() (string, error) {
	a, err := p.ask(command{Do: "serve"})
	return a.Addr, err
}

// Close has the store closed and waits for the process.
func (p *Process) Close() error {
	err := p.in.Close()
	if err := errors.Join(err, p.cmd.Wait()); err != nil {
		return fmt.Errorf("close %s: %w: %s", p.Kind, err, strings.TrimSpace(p.stderr.String()))
	}
	return nil
}

// Kill is the crash: the process ends at once, and nothing is closed. Killing again does nothing.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it ended by itself
	_ = p.cmd.Wait()         // that it was killed is no news
}
