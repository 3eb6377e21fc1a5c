package lambdaruntime_test

import (
	"testing"
	"time"

	"github.com/quayside-go/quayside/internal/lambdaruntime"
)

// stuck is an output that nobody reads, until it is closed.
type stuck chan struct{}

func (s stuck) Write(p []byte) (int, error) {
	<-s
	return len(p), nil
}

// TestStuckOutput has a function print to somebody who does not read, and hang: the timeout
// ends the invocation all the same, and Kill and Close end the process.
func TestStuckOutput(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*lambdaruntime.Pool){"kill": (*lambdaruntime.Pool).Kill, "close": (*lambdaruntime.Pool).Close} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := make(stuck)
			p := pool(t, modeLambda, func(o *lambdaruntime.Options) { o.Stdout, o.Timeout = out, 3*time.Second })
			defer close(out)
			if _, err := invoke(t, p, "print", "a line\n"); err != nil {
				t.Fatal(err)
			}
			within(t, "the invocation ends", func() {
				_, err := invoke(t, p, "hang", "")
				wantError(t, err, "Sandbox.Timedout", "")
			})
			within(t, name+" returns", func() { end(p) })
		})
	}
}

// within fails the test if something takes as long as for ever.
func within(t *testing.T, what string, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("%s: not within a minute", what)
	}
}
