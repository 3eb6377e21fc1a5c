package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
	"github.com/quayside-go/quayside/localqueue"
)

// inBubble is an HTTP client of a handler, without sockets, so that time can be virtual.
type inBubble struct{ h http.Handler }

func (b inBubble) Do(r *http.Request) (*http.Response, error) {
	served := make(chan *httptest.ResponseRecorder, 1)
	go func() {
		w := httptest.NewRecorder()
		b.h.ServeHTTP(w, r)
		served <- w
	}()
	select {
	case w := <-served:
		return w.Result(), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// queueWith is a queue in memory with the messages "0", "1" and so on, and a client of it.
func queueWith(t *testing.T, messages int) (q *localqueue.Server, c *sqs.Client) {
	t.Helper()
	q = localqueue.New()
	t.Cleanup(func() { _ = q.Close() })
	q.MustCreate("orders")
	for n := range messages {
		_, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: new("orders"), MessageBody: new(strconv.Itoa(n))})
		if err != nil {
			t.Fatal(err)
		}
	}
	return q, sdk.New("http://queue", inBubble{q})
}

// left is how many messages the queue has, visible or not.
func left(t *testing.T, q *localqueue.Server) int {
	t.Helper()
	s := q.Stats()
	if len(s) != 1 {
		t.Fatalf("%d queues", len(s))
	}
	return s[0].Visible + s[0].InFlight
}

// inTime runs a test of a peer in virtual time.
func inTime(t *testing.T, p peer, f func(t *testing.T)) {
	if strings.HasPrefix(p.name, gocloud.name) {
		t.Skip("a subscription of gocloud can leave a goroutine that waits for ever, which virtual time does not bear; TestMeasures has it handle messages in processes of their own")
	}
	synctest.Test(t, f)
}

// Every peer handles every message, one that fails until it succeeds, deletes them all, and ends when it is told to.
func TestPeersHandleAll(t *testing.T) {
	t.Parallel()
	for _, p := range right() {
		if p.absent != "" {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			inTime(t, p, func(t *testing.T) {
				q, c := queueWith(t, 150)
				ctx, stop := context.WithCancel(t.Context())
				var mu sync.Mutex
				calls, most, now := map[string]int{}, 0, 0
				ended := make(chan error, 1)
				go func() {
					ended <- p.work(ctx, c, "orders", func(ctx context.Context, body string) error {
						mu.Lock()
						calls[body]++
						first := calls[body] == 1
						now++
						most = max(most, now)
						mu.Unlock()
						time.Sleep(20 * time.Millisecond)
						mu.Lock()
						now--
						mu.Unlock()
						if body == "7" && first {
							return errors.New("no luck")
						}
						return ctx.Err()
					})
				}()
				for start := time.Now(); left(t, q) > 0 && time.Since(start) < time.Minute; {
					time.Sleep(10 * time.Millisecond)
				}
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
				if n := left(t, q); n != 0 || len(calls) != 150 || calls["7"] != 2 {
					t.Errorf("%d messages are left, %d were handled, the one that fails %d times", n, len(calls), calls["7"])
				}
				if most > p.hands || 2*most < p.hands {
					t.Errorf("%d handlers at once, said to be at most %d", most, p.hands)
				}
			})
		})
	}
}

// Every peer that is told to end lets handlers finish, and deletes what they have done.
func TestPeersFinish(t *testing.T) {
	t.Parallel()
	for _, p := range right() {
		if p.absent != "" {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			inTime(t, p, func(t *testing.T) {
				q, c := queueWith(t, 300)
				ctx, stop := context.WithCancel(t.Context())
				var mu sync.Mutex
				begun, done := 0, 0
				ended := make(chan error, 1)
				go func() {
					ended <- p.work(ctx, c, "orders", func(ctx context.Context, body string) error {
						mu.Lock()
						begun++
						mu.Unlock()
						time.Sleep(200 * time.Millisecond)
						if ctx.Err() != nil {
							return ctx.Err()
						}
						mu.Lock()
						done++
						mu.Unlock()
						return nil
					})
				}()
				time.Sleep(300 * time.Millisecond)
				stop()
				start := time.Now()
				if err := <-ended; err != nil {
					t.Error(err)
				}
				if took := time.Since(start); took > grace {
					t.Errorf("it took %v", took)
				}
				mu.Lock()
				defer mu.Unlock()
				if begun == 0 || begun != done || left(t, q) != 300-done {
					t.Errorf("%d handlers, of which %d finished; %d messages of 300 are left", begun, done, left(t, q))
				}
			})
		})
	}
}

// Every sender sends every message once, as it is.
func TestSendersSendAll(t *testing.T) {
	t.Parallel()
	for _, by := range sending {
		if by.absent != "" {
			continue
		}
		t.Run(by.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				q, c := queueWith(t, 0)
				l, err := by.open(t.Context(), c, "orders")
				if err != nil {
					t.Fatal(err)
				}
				bodies := make([]string, by.together)
				for i := range bodies {
					bodies[i] = "fox " + strconv.Itoa(i)
				}
				for range 3 {
					if err := l.send(t.Context(), bodies); err != nil {
						t.Fatal(err)
					}
				}
				if err := l.close(); err != nil {
					t.Error(err)
				}
				seen := map[string]int{}
				for range 3 {
					out, err := q.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: new("orders"), MaxNumberOfMessages: 10})
					if err != nil {
						t.Fatal(err)
					}
					for _, m := range out.Messages {
						seen[*m.Body]++
					}
				}
				for _, body := range bodies {
					if seen[body] != 3 || len(seen) != len(bodies) {
						t.Errorf("%q is there %d times, among %d", body, seen[body], len(seen))
					}
				}
				if _, err := q.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: new("orders")}); err != nil {
					t.Fatal(err)
				}
				if err := again(by, c); err == nil || !errors.As(err, new(*types.QueueDoesNotExist)) {
					t.Errorf("no queue: %v", err)
				}
			})
		})
	}
}

// again sends a message.
func again(by sender, c *sqs.Client) error {
	l, err := by.open(context.Background(), c, "orders")
	if err != nil {
		return err
	}
	return errors.Join(l.send(context.Background(), []string{"fox"}), l.close())
}
