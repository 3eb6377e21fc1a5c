package localqueue_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

var crashes = flag.Int("crashes", 2400, "how many simulated crashes TestCrashes goes through")

// story is a server that is used, and crashed at every turn: before every call of its
// disk what a crash would leave is recovered, and compared with what the server was
// after some operation between the last that was safe and the one under way.
type story struct {
	*user
	promise
	t      testing.TB
	disk   *journaltest.Disk
	points *atomic.Int64 // crashes so far
	twins  int           // power failures before each call

	mu     sync.Mutex
	past   []moment  // after each operation; the first is after opening
	safe   int       // all up to this one are on the disk
	finds  []find    // since the last operation
	op     operation // under way
	random *rand.Rand
}

// promise is what a server was asked to keep.
type promise struct {
	opts   func(*localqueue.Options)
	within time.Duration // by when everything is on the disk; 0: there is no such time
	always bool          // what was answered and is to be synced is on the disk
}

// moment is the state after an operation.
type moment struct {
	op   operation
	at   int64
	dump localqueue.Dump
}

// find is what was recovered from a crash.
type find struct {
	when string
	at   int64
	low  int // the states it may be begin with this one
	dump localqueue.Dump
	err  error
}

// live opens the server of a story and uses it for some steps, and for some more with
// crashes.
func (st *story) live(quiet, steps int) {
	for range 2 { // the queues are on the disk, whatever the policy
		st.open()
	}
	s := st.user.Server
	synctest.Wait()
	st.past = append(st.past, moment{operation{name: "open"}, time.Now().UnixNano(), s.Dump()})
	for i := range quiet + steps {
		if i == quiet {
			st.disk.Before(st.crash)
		}
		st.step(st.next())
		if st.t.Failed() {
			break
		}
	}
	st.disk.Before(nil)
	if err := s.Check(); err != nil {
		st.t.Errorf("%s: after all: %v", st.name, err)
	}
	if err := s.Close(); err != nil {
		st.t.Errorf("%s: close: %v", st.name, err)
	}
}

// open opens the server, and closes it before if it was open.
func (st *story) open() {
	if st.user.Server != nil {
		if err := st.Close(); err != nil {
			st.t.Fatal(err)
		}
	}
	s, err := localqueue.OpenOn(st.disk, st.opts)
	if err != nil {
		st.t.Fatal(err)
	}
	st.user.Server = s
	st.furnish()
}

// step does one operation and judges what crashes left meanwhile.
func (st *story) step(op operation) {
	st.mu.Lock()
	st.op = op
	st.mu.Unlock()
	err := op.do()
	if errors.Is(err, errBody) {
		st.t.Errorf("%s: %s: %v", st.name, op.name, err)
	}
	now := moment{op, time.Now().UnixNano(), st.Dump()}
	st.mu.Lock()
	defer st.mu.Unlock()
	changed := !st.past[len(st.past)-1].dump.At(now.at).Equal(now.dump.At(now.at))
	st.past = append(st.past, now)
	if op.firm && err == nil && changed {
		st.safe = len(st.past) - 1
	}
	finds := st.finds
	st.finds = nil
	for _, f := range finds {
		if err := st.judge(f); err != nil {
			st.t.Errorf("%s: %s: %v", st.name, f.when, err)
			return
		}
	}
}

// crash recovers what several crashes before this call would leave.
func (st *story) crash(call int, op journaltest.Op, name string) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.finds) > 0 && st.finds[len(st.finds)-1].err != nil {
		return nil // it will be told
	}
	at := time.Now().UnixNano()
	for i := range st.twins + 1 {
		f := find{at: at, when: fmt.Sprintf("during %d, %s, before call %d (%s %s), crash %d", len(st.past), st.op.name, call, op, name, i)}
		seed := st.random.Uint64()
		var left *journaltest.Disk
		if i == 0 { // only the process ends
			f.low, left = len(st.past)-1, st.disk.Clone()
		} else {
			f.low, left = st.known(at), st.disk.Crash(seed)
		}
		f.dump, f.err = st.recover(left, at, st.moving(f.low), seed)
		st.finds = append(st.finds, f)
		st.points.Add(1)
	}
	return nil
}

// recover says what state a disk holds, and sees a server go on with it.
func (st *story) recover(left *journaltest.Disk, at int64, moving bool, seed uint64) (localqueue.Dump, error) {
	var found localqueue.Dump
	var err error
	if moving { // or a move task would go on before anybody can look
		if found, err = localqueue.Recover(left.Clone(), at, st.relaxed); err != nil {
			return found, fmt.Errorf("recover: %w", err)
		}
	}
	s, err := localqueue.OpenOn(left, st.opts)
	if err != nil {
		return found, fmt.Errorf("open: %w", err)
	}
	if !moving {
		found = s.Dump()
	}
	if err := st.goOn(s, seed); err != nil {
		_ = s.Close()
		return found, err
	}
	if !moving && seed%4 == 0 {
		err = st.twice(s, left, seed)
	}
	if closed := s.Close(); err == nil && closed != nil {
		err = fmt.Errorf("close after going on: %w", closed)
	}
	return found, err
}

// twice crashes a server again that went on after a crash, and ended with something
// that brought everything before to the disk.
func (st *story) twice(s *localqueue.Server, disk *journaltest.Disk, seed uint64) error {
	left, at := disk.Kill(), time.Now().UnixNano()
	if st.always {
		left = left.Crash(seed)
	}
	found, err := localqueue.Recover(left, at, st.relaxed)
	if err != nil {
		return fmt.Errorf("second crash: %w", err)
	}
	if live := s.Dump().At(at); !live.Equal(found) {
		return fmt.Errorf("second crash: %s", difference(live.Rows(), found.Rows()))
	}
	return nil
}

var promises = map[string]promise{
	"receives synced":     {always: true, within: 100 * time.Millisecond, opts: func(o *localqueue.Options) { o.SyncReceives = true }},
	"receives not synced": {always: true, within: 100 * time.Millisecond, opts: func(*localqueue.Options) {}},
	"interval":            {within: 2 * time.Second, opts: func(o *localqueue.Options) { o.Sync = localqueue.SyncInterval(2 * time.Second) }},
	"never":               {opts: func(o *localqueue.Options) { o.Sync = localqueue.SyncNever }},
}

func TestCrashes(t *testing.T) {
	t.Parallel()
	for i, name := range slices.Sorted(maps.Keys(promises)) {
		p := promises[name]
		share := int64(*crashes) / 8
		if p.always {
			share *= 3
		}
		if raceDetector {
			share /= 8
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var points atomic.Int64
			for seed := uint64(i); points.Load() < share && !t.Failed(); seed += 5 {
				synctest.Test(t, func(t *testing.T) {
					st := tell(t, p, seed)
					st.twins, st.points = 2, &points
					st.live(int(seed%4)*120, 120)
				})
			}
			t.Logf("%d crashes", points.Load())
		})
	}
}

// tell begins a story.
func tell(t testing.TB, p promise, seed uint64) *story {
	opts, relaxed := p.opts, seed%2 == 0
	p.opts = func(o *localqueue.Options) {
		o.SegmentSize, o.NoCooldown = 256<<10, relaxed
		opts(o)
	}
	return &story{
		user: newUser(fmt.Sprintf("seed %d", seed), seed, relaxed), promise: p,
		t: t, disk: journaltest.New(), random: rand.New(rand.NewPCG(seed, 5)),
	}
}
