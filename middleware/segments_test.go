package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/worker"
)

// partSize has payloads cut into parts of size bytes, attributes included.
func partSize(size int) func(*payload.SegmentOptions) {
	return func(o *payload.SegmentOptions) { o.PartSize = size }
}

// segments sends m in parts of size bytes, and returns how many.
func (d *dock) segments(queue string, size int, m producer.Message) int {
	d.t.Helper()
	results, err := payload.SendSegments(context.Background(), producer.New(d, queue), m, partSize(size))
	if err != nil {
		d.t.Fatal(err)
	}
	return len(results)
}

// cut returns the parts of a payload as messages, without sending them anywhere.
func (d *dock) cut(size int, body string) (parts []producer.Message) {
	d.t.Helper()
	away := localqueue.New()
	defer away.Close()
	away.MustCreate("away")
	p := producer.New(away, "away", func(o *producer.Options) {
		o.Concurrency = 1
		o.Middleware = append(o.Middleware, func(_ context.Context, m *producer.Message) (func(producer.Sent, error), error) {
			parts = append(parts, producer.Message{Body: m.Body, Attributes: maps.Clone(m.Attributes)})
			return nil, nil
		})
	})
	if _, err := payload.SendSegments(context.Background(), p, producer.Message{Body: body}, partSize(size)); err != nil {
		d.t.Fatal(err)
	}
	return parts
}

// put sends parts as they are.
func (d *dock) put(queue string, parts ...producer.Message) {
	d.t.Helper()
	if _, err := producer.New(d, queue).SendAll(context.Background(), parts...); err != nil {
		d.t.Fatal(err)
	}
}

// randomText is of about n bytes, of characters of one to four bytes each.
func randomText(r *rand.Rand, n int) string {
	letters := []rune("abcdefghijklmnop \n\té\u07ffष\ufffd€\U0001f600\U0010fffd")
	var b strings.Builder
	for b.Len() < n {
		if left := n - b.Len(); left < 4 {
			b.WriteString("xyz"[:left])
			break
		}
		b.WriteRune(letters[r.IntN(len(letters))])
	}
	return b.String()
}

// handlings are what a handler saw, by bodies, and what it returns.
type handlings struct {
	mu     sync.Mutex
	bodies []string
	at     []time.Time
	answer func(ctx context.Context, m *worker.Message, n int) error // of the n-th call
}

func (h *handlings) Handle(ctx context.Context, m *worker.Message) error {
	h.mu.Lock()
	h.bodies, h.at = append(h.bodies, m.Body), append(h.at, time.Now())
	n := len(h.bodies)
	h.mu.Unlock()
	if h.answer == nil {
		return nil
	}
	return h.answer(ctx, m, n)
}

func (h *handlings) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.bodies)
}

// saw fails the test unless the handler saw these bodies, in any order.
func (h *handlings) saw(t *testing.T, want ...string) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	got := slices.Sorted(slices.Values(h.bodies))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		short := func(all []string) (s []string) {
			for _, b := range all {
				s = append(s, fmt.Sprintf("%d bytes %.10q", len(b), b))
			}
			return s
		}
		t.Errorf("the handler saw %v, want %v", short(got), short(want))
	}
}

func permits(n int) func(*worker.Options) { return func(o *worker.Options) { o.Concurrency = n } }

// Whatever the size, the handler sees what was sent.
func TestSegments(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs")
		r := rand.New(rand.NewPCG(1, 2))
		var h handlings
		s := middleware.Segments()
		stop := d.work("jobs", s.Handler(&h), s.Worker, permits(40))
		var want []string
		for _, test := range []struct{ size, part, parts int }{
			{1, 1 << 20, 1}, {900 << 10, 0, 1}, {1 << 20, 0, 2}, {3_000_000, 0, 4}, {20 << 20, 0, 22},
			{20_000, 1000, 25}, {5 << 20, 1 << 20, 6}, {5000, 5000, 1}, {5001, 5000, 2},
		} {
			body := randomText(r, test.size)
			want = append(want, body)
			if n := d.segments("jobs", test.part, producer.Message{Body: body}); n != test.parts {
				t.Errorf("%d bytes in parts of %d: %d parts, want %d", test.size, test.part, n, test.parts)
			}
			pass(5 * time.Second)
		}
		h.saw(t, want...)
		stop()
		d.empty("jobs")
	})
}

// What belongs to the message is as it was sent, and the rest is of the first part.
func TestSegmentsMessage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDock(t, "jobs")
		var ids []string
		p := producer.New(d, "jobs")
		results, err := payload.SendSegments(t.Context(), p, producer.Message{
			Body: strings.Repeat("x", 3000), Type: "report", Group: "tenant", TraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793",
			Attributes: attributes{"own": text("y")}, Delay: 7 * time.Second,
		}, partSize(1000))
		if err != nil || len(results) < 4 {
			t.Fatal(results, err)
		}
		s := middleware.Segments()
		start := time.Now()
		stop := d.work("jobs", s.Handler(worker.HandlerFunc(func(ctx context.Context, m *worker.Message) error {
			ids = append(ids, m.ID)
			known, _ := worker.FromContext(ctx)
			if len(m.Body) != 3000 || m.Type != "report" || m.Group != "tenant" || m.Attempts != 1 || m.Receives != 1 || known != m {
				t.Errorf("the handler sees %d bytes of %+v", len(m.Body), m)
			}
			if want := (attributes{"own": text("y"), "Quayside.Type": text("report")}); !reflect.DeepEqual(m.Attributes, want) {
				t.Errorf("attributes %v, want %v", m.Attributes, want)
			}
			if m.SDK().Attributes["AWSTraceHeader"] == "" || time.Since(start) < 7*time.Second {
				t.Errorf("trace header %q, after %v", m.SDK().Attributes["AWSTraceHeader"], time.Since(start))
			}
			return nil
		})), s.Worker, permits(10))
		pass(time.Minute)
		stop()
		if want := []string{results[0].ID}; !slices.Equal(ids, want) {
			t.Errorf("handled %q, want %q", ids, want)
		}
		d.empty("jobs")
	})
}

// The parts share the outcome, and come back together.
func TestSegmentsOutcomes(t *testing.T) {
	oops := errors.New("oops")
	for _, test := range []struct {
		name  string
		err   func(*worker.Message) error
		again bool // it is handled a second time, and then done
		dead  bool
		least time.Duration // before the second time
	}{
		{"done", func(*worker.Message) error { return nil }, false, false, 0},
		{"discard", func(*worker.Message) error { return worker.Discard(oops) }, false, false, 0},
		{"dead", func(*worker.Message) error { return worker.DeadLetter(oops) }, false, true, 0},
		{"decode", func(*worker.Message) error { return &worker.DecodeError{Err: oops} }, false, true, 0},
		{"fails", func(*worker.Message) error { return oops }, true, false, 0},
		{"later", func(*worker.Message) error { return worker.RetryAfter(time.Hour, oops) }, true, false, time.Hour},
		{"snooze", func(*worker.Message) error { return worker.Snooze(time.Hour) }, true, false, time.Hour},
		{"panics", func(*worker.Message) error { panic(oops) }, true, false, 0},
		{"exits", func(*worker.Message) error { runtimeGoexit(); return nil }, true, false, 0},
		{"policy", func(m *worker.Message) error {
			m.Policy().Retry = func(*worker.Message, error) time.Duration { return time.Duration(10+rand.N(1000)) * time.Second }
			return oops
		}, true, false, 10 * time.Second},
		{"no grave", func(m *worker.Message) error { // the queue has no dead-letter queue
			m.Policy().Retry = func(*worker.Message, error) time.Duration { return time.Duration(10+rand.N(1000)) * time.Second }
			return worker.DeadLetter(oops)
		}, true, false, 10 * time.Second},
		{"policy panics", func(m *worker.Message) error {
			m.Policy().Retry = func(*worker.Message, error) time.Duration { panic("no") }
			return oops
		}, true, false, 0},
		{"error panics", func(*worker.Message) error { return vicious{} }, true, false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				queue := map[bool]string{true: "jobs", false: "jobs -> jobs-dlq"}[test.name == "no grave"]
				d := newDock(t, queue)
				body := strings.Repeat("é", 2000)
				parts := d.segments("jobs", 1000, producer.Message{Body: body, Attributes: attributes{"own": text("y")}})
				var h handlings
				h.answer = func(_ context.Context, m *worker.Message, n int) error {
					if want := map[bool]int{true: n, false: 1}[test.name != "snooze"]; m.Attempts != want {
						t.Errorf("attempt %d, want %d", m.Attempts, want)
					}
					if n > 1 {
						return nil
					}
					return test.err(m)
				}
				s := middleware.Segments()
				returned := make(map[time.Time]int)
				watch := func(o *worker.Options) {
					o.Hook = func(_ context.Context, e worker.Event) {
						if e.Action == "ReceiveMessage" {
							returned[time.Now()] += len(e.Messages)
						}
					}
				}
				stop := d.work("jobs", s.Handler(&h), watch, s.Worker, permits(10))
				pass(2 * time.Hour)
				stop()
				want := []string{body}
				if test.again {
					want = append(want, body)
					if took := h.at[1].Sub(h.at[0]); took < test.least {
						t.Errorf("handled again after %v, want %v at least", took, test.least)
					}
					if n := returned[h.at[1]]; n != parts {
						t.Errorf("%d of %d parts came with it; all: %v", n, parts, returned)
					}
				}
				h.saw(t, want...)
				d.empty("jobs")
				if !test.dead {
					return
				}
				// The copies can be joined too.
				var buried handlings
				buried.answer = func(_ context.Context, m *worker.Message, _ int) error {
					if note := m.Attributes["Quayside.DeadLetter"]; note.StringValue == nil || m.Attributes["own"].StringValue == nil {
						t.Errorf("the copy has the attributes %v", m.Attributes)
					}
					return nil
				}
				stop = d.work("jobs-dlq", s.Handler(&buried), s.Worker, permits(10))
				pass(time.Minute)
				stop()
				buried.saw(t, body)
				d.empty("jobs-dlq")
			})
		})
	}
}

// vicious is an error whose methods panic.
type vicious struct{}

func (vicious) Error() string { panic("vicious") }
func (vicious) Unwrap() error { panic("vicious") }

// What is no part passes, and what claims to be one and is not goes to the dead-letter
// queue with the reason.
func TestSegmentsMalformed(t *testing.T) {
	t.Parallel()
	const good = `{"payload":"a","part":0,"parts":2,"bytes":2,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`
	edit := func(from, to string) string { return strings.Replace(good, from, to, 1) }
	for value, want := range map[string]string{
		"":                                   "read the attribute",
		"null":                               "the payload \"\"",
		"[]":                                 "read the attribute",
		good + "x":                           "read the attribute",
		edit(`"a"`, `""`):                    `the payload ""`,
		edit(`"a"`, `"a b"`):                 `the payload "a b"`,
		edit(`a`, strings.Repeat("a", 65)):   "",
		edit(`:2`, `:0`):                     "0 parts",
		edit(`:2`, `:10001`):                 "10001 parts",
		edit(`:2`, `:1e99`):                  "read the attribute",
		edit(`:0`, `:2`):                     "part 2 of 2",
		edit(`:0`, `:-1`):                    "part -1 of 2",
		edit(`"bytes":2`, `"bytes":1`):       "1 bytes in 2 parts",
		edit(`"bytes":2`, `"bytes":2097153`): "2097153 bytes in 2 parts",
		edit(`"bytes":2`, `"bytes":9223372036854775808`): "read the attribute",
		edit(`e3b`, `E3B`): "the sha256",
		edit(`e3b`, ``):    "the sha256",
	} {
		m := &worker.Message{Body: "x", Attributes: attributes{payload.SegmentAttribute: text(value)}}
		err := middleware.Segments().Handler(noCall(t)).Handle(t.Context(), m)
		if worker.OutcomeOf(t.Context(), err) != worker.DeadLettered || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: %v, want a DeadLetter with %q", value, err, want)
		}
	}
	for _, v := range []attributes{{payload.SegmentAttribute: number("1")}, {payload.SegmentAttribute: {}}} {
		err := middleware.Segments().Handler(noCall(t)).Handle(t.Context(), &worker.Message{Attributes: v})
		if worker.OutcomeOf(t.Context(), err) != worker.DeadLettered {
			t.Errorf("%v: %v", v, err)
		}
	}
	err := middleware.Segments().Handler(noCall(t)).Handle(t.Context(), &worker.Message{Queue: "a.fifo", Attributes: attributes{payload.SegmentAttribute: text(good)}})
	if worker.OutcomeOf(t.Context(), err) != worker.DeadLettered || !strings.Contains(err.Error(), "FIFO") {
		t.Errorf("on a FIFO queue: %v", err)
	}
	var h handlings
	if err := middleware.Segments().Handler(&h).Handle(t.Context(), &worker.Message{Body: "plain"}); err != nil {
		t.Error(err)
	}
	h.saw(t, "plain")
}

// Parts that are not what was sent are not handed to the handler.
func TestSegmentsChecksum(t *testing.T) {
	for name, edit := range map[string]func(body string) string{
		"other text":  func(b string) string { return strings.Repeat("z", len(b)) },
		"other size":  func(b string) string { return b + "z" },
		"other parts": func(string) string { return "z" },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newDock(t, "jobs -> jobs-dlq")
				p := producer.New(d, "jobs", func(o *producer.Options) {
					o.Middleware = append(o.Middleware, func(_ context.Context, m *producer.Message) (func(producer.Sent, error), error) {
						if s, err := payload.ParseSegment(m.Attributes[payload.SegmentAttribute]); err == nil && s.Part == 1 {
							m.Body = edit(m.Body)
						}
						return nil, nil
					})
				})
				results, err := payload.SendSegments(t.Context(), p, producer.Message{Body: strings.Repeat("x", 3000)}, partSize(1000))
				if err != nil {
					t.Fatal(err)
				}
				s := middleware.Segments()
				stop := d.work("jobs", s.Handler(noCall(t)), s.Worker, permits(10))
				pass(time.Minute)
				stop()
				d.empty("jobs")
				for range results {
					m, ok := d.receive("jobs-dlq")
					if !ok || !strings.Contains(*m.MessageAttributes["Quayside.DeadLetter"].StringValue, "the 4 parts of the payload have") {
						t.Errorf("a copy in the dead-letter queue: %v, %v", ok, m.MessageAttributes)
					}
				}
			})
		})
	}
}

// What can never be joined here fails, is not lost, and does not hold up others.
func TestSegmentsTooLarge(t *testing.T) {
	for _, test := range []struct {
		name    string
		options func(*middleware.SegmentsOptions)
		permits int
		worker  bool
		want    string
	}{
		{"permits", nil, 5, true, "the payload has 4 parts, and at most 3 may be held at once"},
		{"one permit", nil, 1, true, "the payload has 4 parts, and at most 0 may be held at once"},
		{"parts", func(o *middleware.SegmentsOptions) { o.MaxParts = 3 }, 100, true, "the payload has 4 parts, and at most 3 may be held"},
		{"parts beyond permits", func(o *middleware.SegmentsOptions) { o.MaxParts = 100 }, 4, true, "the payload has 4 parts, and at most 3 may be held"},
		{"bytes", func(o *middleware.SegmentsOptions) { o.MaxBytes = 5999 }, 100, true, "the payload has 3000 bytes"},
		{"no option", nil, 100, false, "lacks the option Joining.Worker"},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newDock(t, "jobs -> jobs-dlq")
				body := strings.Repeat("x", 3000)
				d.segments("jobs", 1000, producer.Message{Body: body})
				var mu sync.Mutex
				var errs []error
				s := middleware.Segments(test.options)
				var h handlings
				watch := func(o *worker.Options) {
					o.Hook = func(_ context.Context, e worker.Event) {
						if e.Kind == worker.EventHandled && e.Err != nil {
							mu.Lock()
							errs = append(errs, e.Err)
							mu.Unlock()
						}
					}
				}
				opts := []func(*worker.Options){watch, permits(test.permits)}
				if test.worker {
					opts = append(opts, s.Worker)
				}
				stop := d.work("jobs", s.Handler(&h), opts...)
				pass(100 * time.Millisecond)
				d.send("jobs", "plain", nil)
				pass(100 * time.Millisecond)
				h.saw(t, "plain")
				stop()
				if len(errs) < 4 {
					t.Errorf("%d failures, want one of each part", len(errs))
				}
				for _, err := range errs {
					if !strings.Contains(err.Error(), test.want) || worker.Decides(err) {
						t.Errorf("it fails with %v, want %q", err, test.want)
					}
				}
				enough := middleware.Segments()
				stop = d.work("jobs", enough.Handler(&h), enough.Worker, permits(6))
				pass(time.Minute)
				stop()
				h.saw(t, "plain", body)
				d.empty("jobs")
			})
		})
	}
}

func runtimeGoexit() { runtime.Goexit() }
