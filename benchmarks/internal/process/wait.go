package process

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// wait returns when the process accepts connections at its address.
func (p *Process) wait(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(ctx, "tcp", p.Addr)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended before it served: %w", p.cmd.Path, p.reason())
		case <-ctx.Done():
			return fmt.Errorf("%s did not serve at %s in %v: %w", p.cmd.Path, p.Addr, patience, err)
		case <-again.C:
		}
	}
}

// FreeAddress returns a loopback address with a port that nothing listens to. Another process may take
// it before it is used.
func FreeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

const tailSize = 2 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, b...)
	t.kept = t.kept[max(0, len(t.kept)-tailSize):]
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.kept) == 0 {
		return "it wrote nothing to standard error"
	}
	return string(t.kept)
}
