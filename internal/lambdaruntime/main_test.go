package lambdaruntime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/quayside-go/quayside/internal/lambdaruntime"
)

// modeVariable makes the test binary a function, of one of these kinds.
const modeVariable = "QUAYSIDE_TEST_MODE"

// tellVariable has a modeLambda print its process id at its start.
const tellVariable = "QUAYSIDE_TEST_TELL"

const (
	modeLambda = "lambda" // one of aws-lambda-go, which does what the event says
	modeSilent = "silent" // prints its environment and does nothing: the test speaks for it
	modeExit   = "exit"   // cannot start
	modeChild  = "child"  // what a function has started: holds a connection until it is killed
)

func TestMain(m *testing.M) {
	switch os.Getenv(modeVariable) {
	case modeLambda:
		if os.Getenv(tellVariable) != "" {
			fmt.Println(os.Getpid())
		}
		lambda.Start(obey)
	case modeSilent:
		fmt.Println(strings.Join(os.Environ(), "\n"))
		fmt.Println("that was all")
		time.Sleep(time.Hour)
	case modeExit:
		fmt.Fprint(os.Stderr, "no reason")
		os.Exit(7)
	case modeChild:
		c, err := net.Dial("tcp", os.Args[1])
		if err == nil {
			_, _ = io.Copy(io.Discard, c)
		}
	default:
		os.Exit(m.Run())
	}
}

// order is an event: what the function is to do.
type order struct{ Do, With string }

// customError has a name of its own.
type customError struct{ text string }

func (e *customError) Error() string { return e.text }

func obey(_ context.Context, o order) (any, error) {
	switch o.Do {
	case "echo":
		return o.With, nil
	case "pid":
		return os.Getpid(), nil
	case "print":
		fmt.Print(o.With)
		return nil, nil
	case "fail":
		return nil, &customError{o.With}
	case "panic":
		panic(o.With)
	case "exit":
		os.Exit(3)
	case "stream":
		return io.MultiReader(strings.NewReader("half"), broken{}), nil
	case "large":
		return strings.Repeat("x", 7<<20), nil
	case "child":
		child := exec.Command(os.Args[0], o.With)
		child.Env = append(os.Environ(), modeVariable+"="+modeChild)
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			return nil, err
		}
		return nil, nil
	}
	select {} // hang
}

// broken is the end of a stream that fails.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, &customError{"the stream broke"} }

// buffer is what processes print, for a reader at the same time.
type buffer struct {
	mu    sync.Mutex
	text  strings.Builder
	lines chan string // whole writes; nil: nobody waits for them
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text.Write(p)
	if b.lines != nil {
		for line := range strings.Lines(string(p)) {
			b.lines <- strings.TrimSuffix(line, "\n")
		}
	}
	return len(p), nil
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// pool is a pool of this test binary, which is closed when the test ends.
func pool(t *testing.T, mode string, opts ...func(*lambdaruntime.Options)) *lambdaruntime.Pool {
	t.Helper()
	set := func(o *lambdaruntime.Options) {
		o.Command = []string{os.Args[0]}
		o.Env = append(o.Env, modeVariable+"="+mode)
		o.Timeout = 30 * time.Second
		o.InitTimeout = 30 * time.Second
		o.OnDown = func(err error) { t.Errorf("down: %v", err) }
	}
	p, err := lambdaruntime.New(append([]func(*lambdaruntime.Options){set}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// acquire acquires a slot.
func acquire(t *testing.T, p *lambdaruntime.Pool) *lambdaruntime.Slot {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	s, err := p.Acquire(ctx)
	if err != nil {
		t.Fatalf("no slot: %v", err)
	}
	return s
}

func inAMinute() time.Time { return time.Now().Add(time.Minute) }

// got is what comes through the channel; it fails the test if that takes as long as for ever.
func got[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(time.Minute):
		t.Fatal("nothing came within a minute")
	}
	return v
}

// until waits until something is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := inAMinute(); !so(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// invoke has the function obey once.
func invoke(t *testing.T, p *lambdaruntime.Pool, do, with string) (string, error) {
	t.Helper()
	s := acquire(t, p)
	defer s.Release()
	event, err := json.Marshal(order{do, with})
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.Invoke(t.Context(), "request-1", event, inAMinute())
	return string(response), err
}

// wantError fails the test if err is not a FunctionError of that type with such a message.
func wantError(t *testing.T, err error, kind, message string) {
	t.Helper()
	e, ok := errors.AsType[*lambdaruntime.FunctionError](err)
	if !ok || e.Type != kind || !strings.Contains(e.Message, message) {
		t.Errorf("error %v, want %s: %s", err, kind, message)
	}
}
