package offlambda_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/quayside-go/quayside/worker"
	"github.com/quayside-go/quayside/worker/offlambda"
)

// raw is a lambda.Handler with a response of any kind.
type raw struct {
	response string
	err      error
}

func (r raw) Invoke(context.Context, []byte) ([]byte, error) { return []byte(r.response), r.err }

// bubble runs f in virtual time.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, f)
}

// handle has messages with these ids handled as one event, and returns what became of each:
// "+" done, "-" named, "!" failed otherwise.
func handle(t *testing.T, fn any, ids ...string) string {
	t.Helper()
	h := offlambda.Handler(fn, func(o *offlambda.Options) { o.BatchSize, o.Window = len(ids), time.Minute })
	errs := make([]error, len(ids))
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() { errs[i] = h.Handle(t.Context(), &worker.Message{ID: id}) })
		synctest.Wait()
	}
	wg.Wait()
	var all strings.Builder
	for _, err := range errs {
		switch {
		case err == nil:
			all.WriteString("+")
		case err == offlambda.ErrReported:
			all.WriteString("-")
		default:
			all.WriteString("!")
		}
	}
	return all.String()
}

// What AWS documents as complete successes and complete failures, and what lies between.
func TestResponses(t *testing.T) {
	t.Parallel()
	sample, err := os.ReadFile(filepath.Join("..", "onlambda", "testdata", "response.json"))
	if err != nil {
		t.Fatal(err)
	}
	item := func(items string) string { return `{"batchItemFailures":[` + items + `]}` }
	for _, c := range []struct{ response, want string }{
		{``, "+++++"},
		{`null`, "+++++"},
		{`{}`, "+++++"},
		{` {"batchItemFailures":null}`, "+++++"},
		{item(""), "+++++"},
		{`""`, "+++++"},
		{`"fine"`, "!!!!!"},
		{`[]`, "!!!!!"},
		{`{"statusCode":200}`, "+++++"},
		{`{"BatchItemFailures":[{"itemIdentifier":"id1"}]}`, "+++++"}, // Lambda sees no such key either
		{string(sample), "+-+-+"},
		{item(`{"itemIdentifier":"id1"},{"itemIdentifier":"id1"}`), "-++++"},
		{item(`{"itemIdentifier":"id5","more":1}`), "++++-"},
		{item(`{"itemIdentifier":""}`), "!!!!!"},
		{item(`{"itemIdentifier":null}`), "!!!!!"},
		{item(`{"ItemIdentifier":"id1"}`), "!!!!!"},
		{item(`{"itemIdentifier":7}`), "!!!!!"},
		{item(`{}`), "!!!!!"},
		{item(`null`), "!!!!!"},
		{item(`"id1"`), "!!!!!"},
		{item(`{"itemIdentifier":"id1"},{"itemIdentifier":"another"}`), "!!!!!"},
		{`{"batchItemFailures":"id1"}`, "!!!!!"},
		{`{"batchItemFailures":{}}`, "!!!!!"},
		{`{"batchItemFailures":[`, "!!!!!"},
		{`not JSON`, "!!!!!"},
	} {
		t.Run(c.response, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				if got := handle(t, raw{response: c.response}, "id1", "id2", "id3", "id4", "id5"); got != c.want {
					t.Errorf("%s, want %s", got, c.want)
				}
			})
		})
	}
}

// An error fails all, as itself: it may be an outcome.
func TestErrors(t *testing.T) {
	t.Parallel()
	for name, fn := range map[string]any{
		"error":  raw{response: `{}`, err: worker.DeadLetter(errLost)},
		"panic":  func() { panic(worker.DeadLetter(errLost)) },
		"Goexit": func() { runtime.Goexit() },
		"decode": func(context.Context, struct{ Records int }) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				if got := handle(t, fn, "1", "2"); got != "!!" {
					t.Errorf("%s, want that both fail", got)
				}
				err := offlambda.Handler(fn).Handle(t.Context(), &worker.Message{ID: "1"})
				buried := worker.OutcomeOf(t.Context(), err) == worker.DeadLettered
				if want := name == "error"; buried != want { // a panic decides nothing
					t.Errorf("%v, which is to be dead-lettered: %v, want %v", err, buried, want)
				}
			})
		})
	}
}

// A message may be in an event twice; its name is that of both.
func TestTwiceInAnEvent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		if got := handle(t, raw{response: `{"batchItemFailures":[{"itemIdentifier":"1"}]}`}, "1", "2", "1"); got != "-+-" {
			t.Errorf("%s, want -+-", got)
		}
	})
}

func TestTimeout(t *testing.T) {
	bubble(t, func(t *testing.T) {
		start := time.Now()
		fn := func(ctx context.Context) error {
			if at, ok := ctx.Deadline(); !ok || at.Sub(start) != 3*time.Second {
				t.Errorf("the deadline is %v, %v", at, ok)
			}
			<-ctx.Done()
			return ctx.Err()
		}
		err := offlambda.Handler(fn, func(o *offlambda.Options) { o.Timeout = 3 * time.Second }).Handle(t.Context(), &worker.Message{})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		late := func() { time.Sleep(time.Minute) } // what it has done is done
		if err := offlambda.Handler(late, func(o *offlambda.Options) { o.Timeout = time.Second }).Handle(t.Context(), &worker.Message{}); err != nil {
			t.Error(err)
		}
	})
}

// Many events at once do not share a response, whoever has made the handler.
func TestResponsesAreNotShared(t *testing.T) {
	t.Parallel()
	fn := func(e events.SQSEvent) (r events.SQSEventResponse, _ error) {
		if id := e.Records[0].MessageId; id[0] == '-' {
			r.BatchItemFailures = append(r.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: id})
		}
		return r, nil
	}
	for _, form := range []any{fn, lambda.NewHandler(fn)} {
		h := offlambda.Handler(form)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for n := range 200 {
					m := &worker.Message{ID: fmt.Sprint((i+n)%2*2-1, i, n)}
					if err := h.Handle(t.Context(), m); (err == offlambda.ErrReported) != (m.ID[0] == '-') || err != nil && err != offlambda.ErrReported {
						t.Errorf("%s: %v", m.ID, err)
					}
				}
			})
		}
		wg.Wait()
	}
}

// Who waits for its turn hears of the end of time.
func TestOneByOne(t *testing.T) {
	bubble(t, func(t *testing.T) {
		start := time.Now()
		h := offlambda.Handler(lambda.NewHandler(func() { time.Sleep(time.Minute) }), func(o *offlambda.Options) { o.Timeout = 90 * time.Second })
		errs := make([]error, 3)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { errs[i] = h.Handle(t.Context(), &worker.Message{}) })
			time.Sleep(time.Second)
		}
		wg.Wait()
		if errs[0] != nil || errs[1] != nil || !errors.Is(errs[2], context.DeadlineExceeded) || time.Since(start) != 2*time.Minute {
			t.Errorf("%v after %v", errs, time.Since(start))
		}
	})
}

func ExampleErrReported() {
	h := offlambda.Handler(raw{response: `{"batchItemFailures":[{"itemIdentifier":"42"}]}`})
	fmt.Println(h.Handle(context.Background(), &worker.Message{ID: "42"}) == offlambda.ErrReported)
	// Output: true
}
