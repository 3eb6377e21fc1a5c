package lambdaruntime_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/internal/lambdaruntime"
)

// speaker speaks to a Runtime API for a process that does nothing.
type speaker struct {
	base string
	env  map[string]string
}

// speak starts the process of the pool, and returns its Runtime API.
func speak(t *testing.T, opts ...func(*lambdaruntime.Options)) (*lambdaruntime.Pool, *speaker, chan *lambdaruntime.Slot) {
	t.Helper()
	out := &buffer{lines: make(chan string, 1000)}
	p := pool(t, modeSilent, append([]func(*lambdaruntime.Options){func(o *lambdaruntime.Options) { o.Stdout = out }}, opts...)...)
	slots := make(chan *lambdaruntime.Slot, 1)
	go func() {
		if s, err := p.Acquire(t.Context()); err == nil {
			slots <- s
		}
	}()
	s := &speaker{env: make(map[string]string)}
	for line := got(t, out.lines); line != "that was all"; line = got(t, out.lines) {
		name, value, _ := strings.Cut(line, "=")
		s.env[name] = value
	}
	s.base = "http://" + s.env["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/"
	return p, s, slots
}

// answer is what a Runtime API says.
type answer struct {
	status  int
	header  http.Header
	body    string
	Message string `json:"errorMessage"`
	Type    string `json:"errorType"`
	Status  string `json:"status"`
}

func (s *speaker) do(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: reply.StatusCode, header: reply.Header, body: string(text)}
	if path != "invocation/next" || reply.StatusCode != http.StatusOK {
		if err := json.Unmarshal(text, &a); err != nil {
			t.Errorf("%s %s: %q is not JSON", method, path, text)
		}
	}
	return a
}

// refused fails the test if the answer is not such an error.
func refused(t *testing.T, a answer, status int, kind string) {
	t.Helper()
	if a.status != status || a.Type != kind || a.Message == "" {
		t.Errorf("answered %d %s, want %d and an error of type %s", a.status, a.body, status, kind)
	}
}

func accepted(t *testing.T, a answer) {
	t.Helper()
	if a.status != http.StatusAccepted || a.Status != "OK" {
		t.Errorf("answered %d %s, want 202", a.status, a.body)
	}
}

// invoked is what an Invoke has returned.
type invoked struct {
	response []byte
	err      error
}

// next has the function invoked with an event of that id, and takes it.
func (s *speaker) next(t *testing.T, slot *lambdaruntime.Slot, id string) (answer, chan invoked) {
	t.Helper()
	done := s.invoke(t, slot, id)
	a := s.do(t, http.MethodGet, "invocation/next", "")
	if a.status != http.StatusOK || a.header.Get("Lambda-Runtime-Aws-Request-Id") != id || a.body != `{"id":"`+id+`"}` {
		t.Fatalf("next: %d %v %s", a.status, a.header, a.body)
	}
	return a, done
}

// TestRuntimeAPI speaks the Runtime API, right and wrong.
func TestRuntimeAPI(t *testing.T) {
	t.Parallel()
	_, s, slots := speak(t, func(o *lambdaruntime.Options) { o.Name, o.Region, o.Account = "ship", "eu-west-1", "123456789012" })
	refused(t, s.do(t, http.MethodPost, "invocation/a/response", "{}"), http.StatusBadRequest, "InvalidRequestID")
	first := make(chan answer, 1)
	go func() { first <- s.do(t, http.MethodGet, "invocation/next", "") }()
	slot := got(t, slots)
	done := make(chan invoked, 1)
	began := time.Now()
	go func() {
		response, err := slot.Invoke(t.Context(), "a", []byte("{}"), inAMinute())
		done <- invoked{response, err}
	}()
	a := got(t, first)
	if a.status != http.StatusOK || a.body != "{}" || a.header.Get("Content-Type") != "application/json" ||
		a.header.Get("Lambda-Runtime-Aws-Request-Id") != "a" ||
		a.header.Get("Lambda-Runtime-Invoked-Function-Arn") != "arn:aws:lambda:eu-west-1:123456789012:function:ship" ||
		!regexp.MustCompile(`^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$`).MatchString(a.header.Get("Lambda-Runtime-Trace-Id")) {
		t.Errorf("next: %d %v %s", a.status, a.header, a.body)
	}
	deadline, err := strconv.ParseInt(a.header.Get("Lambda-Runtime-Deadline-Ms"), 10, 64)
	if d := time.UnixMilli(deadline).Sub(began); err != nil || d < 29*time.Second || d > 60*time.Second {
		t.Errorf("deadline %v from the beginning", d)
	}
	refused(t, s.do(t, http.MethodGet, "invocation/next", ""), http.StatusForbidden, "InvalidStateTransition")
	refused(t, s.do(t, http.MethodPost, "invocation/b/response", "{}"), http.StatusBadRequest, "InvalidRequestID")
	refused(t, s.do(t, http.MethodPost, "invocation/b/error", "{}"), http.StatusBadRequest, "InvalidRequestID")
	refused(t, s.do(t, http.MethodPost, "init/error", "{}"), http.StatusForbidden, "InvalidStateTransition")
	refused(t, s.do(t, http.MethodPost, "invocation/a/response", "{}", "Origin", "http://foreign.test"), http.StatusForbidden, "Forbidden")
	for _, path := range []string{"invocation/a", "invocation/a/response/", "init", "../../2020-01-01/extension/register"} {
		refused(t, s.do(t, http.MethodPost, path, "{}"), http.StatusNotFound, "NotFound")
	}
	refused(t, s.do(t, http.MethodPost, "invocation/next", "{}"), http.StatusNotFound, "NotFound")
	accepted(t, s.do(t, http.MethodPost, "invocation/a/response", `{"x":1}`))
	if got := got(t, done); got.err != nil || string(got.response) != `{"x":1}` {
		t.Errorf("invoked: %s, %v", got.response, got.err)
	}
	refused(t, s.do(t, http.MethodPost, "invocation/a/response", "{}"), http.StatusBadRequest, "InvalidRequestID")
	refused(t, s.do(t, http.MethodPost, "invocation/a/error", "{}"), http.StatusBadRequest, "InvalidRequestID")

	_, done = s.next(t, slot, "b")
	accepted(t, s.do(t, http.MethodPost, "invocation/b/error", `{"errorMessage":"out of ink","errorType":"PrinterError","stackTrace":[]}`))
	wantError(t, got(t, done).err, "PrinterError", "out of ink")
	_, done = s.next(t, slot, "c")
	accepted(t, s.do(t, http.MethodPost, "invocation/c/error", "plain text", "Lambda-Runtime-Function-Error-Type", "Runtime.Odd"))
	wantError(t, got(t, done).err, "Runtime.Odd", "plain text")
	_, done = s.next(t, slot, "d")
	accepted(t, s.do(t, http.MethodPost, "invocation/d/error", ""))
	wantError(t, got(t, done).err, "Runtime.Unknown", "")
	_, done = s.next(t, slot, "e")
	accepted(t, s.do(t, http.MethodPost, "invocation/e/response", strings.Repeat("x", 6_291_556)))
	if got := got(t, done); got.err != nil || len(got.response) != 6_291_556 {
		t.Errorf("invoked: %d bytes, %v", len(got.response), got.err)
	}
	_, done = s.next(t, slot, "f")
	refused(t, s.do(t, http.MethodPost, "invocation/f/response", strings.Repeat("x", 6_291_557)), http.StatusRequestEntityTooLarge, "RequestEntityTooLarge")
	wantError(t, got(t, done).err, "Function.ResponseSizeTooLarge", "larger than 6291556 bytes")
	slot.Release()
}

// TestInitError has a process say that it cannot start.
func TestInitError(t *testing.T) {
	t.Parallel()
	down := make(chan error, 10)
	_, s, _ := speak(t, func(o *lambdaruntime.Options) { o.OnDown = func(err error) { down <- err } })
	accepted(t, s.do(t, http.MethodPost, "init/error", `{"errorMessage":"no module named boto4","errorType":"ImportError"}`))
	wantError(t, got(t, down), "ImportError", "no module named boto4")
}

// TestNoNext has a process answer and then not ask for another event: it is replaced.
func TestNoNext(t *testing.T) {
	t.Parallel()
	down := make(chan error, 10)
	p, s, slots := speak(t, func(o *lambdaruntime.Options) {
		o.Timeout, o.OnDown = 3*time.Second, func(err error) { down <- err }
	})
	asked := make(chan answer, 1)
	go func() { asked <- s.do(t, http.MethodGet, "invocation/next", "") }()
	slot := got(t, slots)
	done := make(chan invoked, 1)
	go func() {
		response, err := slot.Invoke(t.Context(), "a", []byte("{}"), inAMinute())
		done <- invoked{response, err}
	}()
	got(t, asked)
	accepted(t, s.do(t, http.MethodPost, "invocation/a/response", "{}"))
	if got := got(t, done); got.err != nil {
		t.Error(got.err)
	}
	slot.Release()
	wantError(t, got(t, down), "Sandbox.Timedout", "the process answered, and did not ask for the next event within 3s")
	p.Kill()
}

// TestEnvironment has what AWS documents for runtimes.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	_, s, _ := speak(t, func(o *lambdaruntime.Options) {
		o.Env = append(o.Env, "AWS_REGION=elsewhere", "MINE=kept")
		o.Name, o.Handler, o.Memory, o.Region = "ship", "app.handler", 512, "eu-west-1"
	})
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"MINE": "kept", "_HANDLER": "app.handler", "LAMBDA_TASK_ROOT": root,
		"AWS_LAMBDA_FUNCTION_NAME": "ship", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
		"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/ship",
		"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "TZ": ":UTC",
	} {
		if s.env[name] != want {
			t.Errorf("%s is %q, want %q", name, s.env[name], want)
		}
	}
	if name := s.env["AWS_LAMBDA_LOG_STREAM_NAME"]; !regexp.MustCompile(`^\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}$`).MatchString(name) {
		t.Errorf("log stream %q", name)
	}
}
