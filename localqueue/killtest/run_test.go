package killtest_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/sqshttp"
)

// run is a service, its scenes and their book.
type run struct {
	t        *testing.T
	number   uint64 // among the runs of this test
	rng      *rand.Rand
	service  service
	http     *sqshttp.Client
	folder   *folder // nil: there is none
	book     *book
	longest  int     // body, in bytes
	segments []int64 // sizes of segments, one of which each life has
	brief    bool    // lives are short, and end alike

	// Of the present life:
	dying   atomic.Bool   // the server is about to be killed, or was
	resting atomic.Bool   // the clients are to end their work
	struck  chan struct{} // closed when either becomes true
	once    *sync.Once    // closes it
	answers atomic.Int64  // how many good ones there were
	target  atomic.Int64  // after so many the server is killed; 0: not for that

	made    bool // all queues are known to exist
	checked int  // how often the server found itself in order
}

// newRun is a run of the scenes given.
func newRun(t *testing.T, number uint64, s service, f *folder, scenes ...*scene) *run {
	r := &run{t: t, number: number, rng: choices(number), service: s, http: sqshttp.New(), folder: f, book: newBook()}
	r.longest, r.segments = 200<<10, []int64{256 << 10, 1 << 20}
	if chance(r.rng, 40) {
		r.longest, r.segments = 900<<10, []int64{1 << 20, 2 << 20}
	}
	r.book.scenes = scenes
	for _, s := range scenes {
		s.now = r.book.now
	}
	t.Cleanup(func() {
		s.kill()
		_ = s.wait()
		r.http.CloseIdleConnections()
	})
	return r
}

// config draws the settings of one life.
func (r *run) config() childConfig {
	c := childConfig{
		Sync:         pick(r.rng, localqueue.SyncAlways, localqueue.SyncAlways, localqueue.SyncNever, localqueue.SyncInterval(20*time.Millisecond)),
		SyncReceives: chance(r.rng, 20),
		SegmentSize:  pick(r.rng, r.segments...),
	}
	if r.folder != nil {
		c.Dir = r.folder.dir
	}
	return c
}

// live begins a life of the server and has all that can be seen of its state compared
// with the book. False: it did not come up.
func (r *run) live() (*worker, bool) {
	c := r.config()
	life := &lifetime{number: len(r.book.lives) + 1, died: forever}
	r.dying.Store(false)
	r.target.Store(0)
	r.rest(false)
	answer, err := r.service.start(c)
	if err != nil {
		r.book.fault("life %d of the server: %v", life.number, err)
		return nil, false
	}
	life.born = r.book.now()
	life.how = fmt.Sprintf("served since %.4fs, sync policy %d, segments of %d", life.born.Seconds(), c.Sync, c.SegmentSize)
	r.book.mu.Lock()
	r.book.lives = append(r.book.lives, life)
	r.book.mu.Unlock()
	w := r.worker(life, answer.URL, 0)
	w.checkRecovery(answer)
	w.create()
	for _, s := range r.book.scenes {
		if s.before != nil {
			s.before(w)
		}
	}
	w.checkCounts()
	w.checkSelf(answer.URL)
	return w, true
}

// worker is client number n of a life.
func (r *run) worker(life *lifetime, url string, n int) *worker {
	return &worker{run: r, rng: choices(r.number, uint64(life.number), uint64(n)), life: life, sqs: newClient(url, r.http), base: url}
}

// rest says whether the clients are to end their work.
func (r *run) rest(yes bool) {
	r.resting.Store(yes)
	if !yes {
		r.struck, r.once = make(chan struct{}), new(sync.Once)
	} else {
		r.once.Do(func() { close(r.struck) })
	}
}

// acked counts an answer, and kills the server if that was the one to wait for.
func (r *run) acked() {
	if n := r.answers.Add(1); n == r.target.Load() {
		r.strike()
	}
}

// strike kills the server.
func (r *run) strike() {
	r.dying.Store(true)
	r.service.kill()
	r.once.Do(func() { close(r.struck) })
}

// work lets all clients work until the server is struck, in the manner of end.
func (r *run) work(w *worker, e ending) {
	r.answers.Store(0)
	r.target.Store(e.answers)
	var clients sync.WaitGroup
	n := 0
	for _, s := range r.book.scenes {
		for _, step := range s.clients {
			n++
			c := r.worker(w.life, w.base, n)
			clients.Go(func() {
				for !c.over() && !r.book.broken() {
					step(c)
				}
			})
		}
	}
	how := r.end(w, e)
	clients.Wait()
	if err := r.service.wait(); err != nil {
		r.book.fault("life %d of the server: %v", w.life.number, err)
	}
	r.http.CloseIdleConnections()
	r.look(how == closed)
	r.book.mu.Lock()
	w.life.died, w.life.how = r.book.now(), how+" ("+w.life.how+")"
	r.book.mu.Unlock()
}

// look looks at the folder between two lives.
func (r *run) look(closed bool) {
	if r.folder == nil {
		return
	}
	if err := r.folder.look(closed); err != nil {
		r.book.fault("after life %d of the server: %v", len(r.book.lives), err)
	}
	if *keep == "" || len(r.book.faults) > 0 {
		return
	}
	if err := r.folder.keep(*keep, len(r.book.lives)+1); err != nil {
		r.t.Errorf("keep a copy of the folder: %v", err)
	}
}

// rounds kills the server n times, and empties all queues after every few of them and
// at the end.
func (r *run) rounds(n, emptied int) {
	for killed, last := 0, 0; killed < n && !r.book.broken(); {
		w, ok := r.live()
		if !ok {
			return
		}
		e := r.drawEnd()
		r.work(w, e)
		killed++
		if e.stillborn > 0 {
			killed++
			if err := r.service.stillborn(r.config(), e.stillborn); err != nil {
				r.book.fault("a life that was to be killed after %v: %v", e.stillborn, err)
			}
			r.look(false)
		}
		if r.book.broken() || killed < n && killed < last+emptied {
			continue
		}
		last = killed
		if w, ok = r.live(); !ok {
			return
		}
		w.empty()
		w.checkSelf(w.base)
		r.work(w, r.drawEnd())
	}
}

// report has the test fail for each fault.
func (r *run) report() {
	for _, f := range r.book.faults {
		r.t.Errorf("%s", f)
	}
}
