package lambdaruntime_test

import (
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/quayside-go/quayside/internal/lambdaruntime"
)

// TestChildren has functions start a process of their own, which is gone with theirs: when the
// pool is closed or killed, when they time out, and when they exit without it.
func TestChildren(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"close", "kill", "timeout", "exit"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			p := pool(t, modeLambda, func(o *lambdaruntime.Options) {
				if how == "timeout" {
					o.Timeout = 4 * time.Second
				}
			})
			if _, err := invoke(t, p, "child", l.Addr().String()); err != nil {
				t.Fatal(err)
			}
			c := connected(t, l)
			switch how {
			case "close":
				p.Close()
			case "kill":
				p.Kill()
			case "timeout":
				_, err := invoke(t, p, "hang", "")
				wantError(t, err, "Sandbox.Timedout", "")
			case "exit":
				_, err := invoke(t, p, "exit", "")
				wantError(t, err, "Runtime.ExitError", "")
			}
			gone(t, c)
			p.Close()
		})
	}
}

func connected(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	_ = l.(*net.TCPListener).SetDeadline(inAMinute())
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// gone waits for the end of the process at the other end of the connection.
func gone(t *testing.T, c net.Conn) {
	t.Helper()
	if err := c.SetReadDeadline(inAMinute()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("what the function has started lives on: %v", err)
	} else if !errors.Is(err, io.EOF) && runtime.GOOS == "linux" {
		t.Logf("%v", err)
	}
}
