// Package remote is localqueue over HTTP, in a process of its own: this program started again. Beside SQS
// it is told to hold messages ready, and counts what it is asked for.
package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
	"github.com/quayside-go/quayside/localqueue"
)

// Argument makes this program be a server: see Serve.
const Argument = "be-server"

// control is where the paths begin that are not SQS's.
const control = "/control/"

// Serve is the program of a server: it serves on a free loopback port, says on out where, and returns when
// ctx is done.
func Serve(ctx context.Context, out io.Writer) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	h := &host{
		ctx: ctx, queues: localqueue.New(), kept: map[string]context.CancelFunc{},
		seen: counter{requests: map[string]int64{}},
	}
	web := &http.Server{Handler: h, ConnContext: h.seen.connected, ReadHeaderTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { _ = web.Close() })
	defer stop()
	if _, err := fmt.Fprintf(out, "%s%s\n", process.Announcement, l.Addr()); err != nil {
		return err
	}
	err = web.Serve(l)
	end()
	h.work.Wait()
	if errors.Is(err, http.ErrServerClosed) { // by the end of ctx
		err = nil
	}
	return errors.Join(err, h.queues.Close())
}

// host is what the server consists of.
type host struct {
	ctx    context.Context
	queues *localqueue.Server
	seen   counter
	work   sync.WaitGroup // keepers

	mu   sync.Mutex
	kept map[string]context.CancelFunc // ends the keepers, by queue
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	verb, ok := strings.CutPrefix(r.URL.Path, control)
	if !ok {
		h.seen.begun(r)
		h.queues.ServeHTTP(w, r)
		return
	}
	err := fmt.Errorf("nothing is called %q", verb)
	var answer any = struct{}{}
	if do, ok := verbs[verb]; ok {
		answer, err = do(h, r.Context(), r.URL.Query())
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(answer) // the asker is gone: nobody reads this
}

// verbs are what the server can be told.
var verbs = map[string]func(*host, context.Context, url.Values) (any, error){
	"create": (*host).create,
	"fill":   (*host).fill,
	"keep":   (*host).keep,
	"drop":   (*host).drop,
	"number": (*host).number,
	"pace":   (*host).pace,
	"counts": (*host).counts,
}

// numbers are the values of a query that are numbers.
func numbers(q url.Values, names ...string) ([]int, error) {
	var all []int
	for _, name := range names {
		n, err := strconv.Atoi(q.Get(name))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, n)
	}
	return all, nil
}

func (h *host) counts(_ context.Context, q url.Values) (any, error) {
	got := h.seen.counts()
	stats, err := Stats(h.queues, q.Get("queue"))
	got.Visible, got.InFlight = stats.Visible, stats.InFlight
	got.Received, got.Deleted = stats.Received, stats.Deleted
	return got, err
}

// Stats are the figures of a queue.
func Stats(s *localqueue.Server, queue string) (localqueue.QueueStats, error) {
	for _, q := range s.Stats() {
		if q.Name == queue {
			return q, nil
		}
	}
	return localqueue.QueueStats{}, fmt.Errorf("no queue is called %q", queue)
}
