package naive

import (
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// crowd leaves a tenant "a" with n in flight, seven waiting, of all in flight.
func crowd(t *testing.T, n, all int) *bench {
	b := newBench(t, nil)
	b.fly(all-n, "")
	b.fly(n, "a")
	b.send(7, "a")
	return b
}

// fly sends and receives n messages of a tenant.
func (b *bench) fly(n int, tenant string) {
	b.t.Helper()
	b.send(n, tenant)
	for ; n > 0; n -= min(n, 10) {
		b.drain(min(n, 10), time.Hour)
	}
}

// noisy wants a to be noisy, or not: whether its messages, the oldest, are
// served after a quiet tenant's.
func (b *bench) noisy(want bool) {
	b.t.Helper()
	b.send(1, "quiet")
	var out engine.Batch
	b.q.Receive(b.now, engine.Receive{Max: 1, Visibility: time.Hour}, nil, &out)
	m := b.q.(*queue).messages[out.Deliveries[0].Handle.Seq]
	if got := m.Group == "quiet"; got != want {
		b.t.Fatalf("a is noisy: %t, want %t; received message %d of %q", got, want, m.seq, m.Group)
	}
	b.check()
}

func TestNoisyByCrowd(t *testing.T) {
	for _, c := range []struct {
		name     string
		inFlight int // then one more is received
		all      int
		want     bool
	}{
		{"below the floor", 28, 28, false},
		{"on the floor", 29, 29, true},
		{"a tenth", 29, 299, false},
		{"more than a tenth", 29, 298, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := crowd(t, c.inFlight, c.all)
			b.drain(1, time.Hour)
			b.noisy(c.want)
		})
	}
}

func TestNoisyIsServedWhereNothingElseWaits(t *testing.T) {
	b := crowd(t, 40, 40)
	b.drain(7, time.Hour)
	b.counts(0, 47, 0)
	b.send(1, "a")
	b.noisy(false) // nothing of it waited meanwhile
}

func TestFewestInFlightAmongTheNoisy(t *testing.T) {
	b := crowd(t, 33, 33) // a: 33
	b.drain(1, time.Hour) // 34, noisy
	b.fly(32, "b")        // nothing waits of b, so it is quiet
	b.send(3, "b")
	b.drain(1, time.Hour) // b: 33, noisy
	b.receive(1, time.Hour, 74)
	b.receive(1, time.Hour, 35) // 34 each: the oldest
	b.receive(1, time.Hour, 75)
}

func TestNoiseEndsWithoutSends(t *testing.T) {
	b := crowd(t, 40, 40)
	b.drain(1, 2*time.Hour)
	b.sleep(engine.QuietAfter - 1)
	b.noisy(true)
	b.sleep(1)
	b.noisy(false)
	b.noisy(false) // nor does a receive make it noisy again
	b.send(1, "a")
	b.drain(1, time.Hour) // but after a send
	b.noisy(true)
}

func TestNoisyByBusyTime(t *testing.T) {
	for _, c := range []struct {
		name     string
		receives int           // with this one
		at       time.Duration // of the last of them, in the window of the others
		ahead    time.Duration // of the message that a keeps in flight, to nine others
		want     bool
	}{
		{"a tenth", 30, time.Second, 0, false},
		{"more than a tenth", 30, time.Second, 1, true},
		{"too few receives", 29, time.Second, 1, false},
		{"in the window after", 30, 2*engine.ShareWindow - 1, 1, true},
		{"two windows after", 30, 2 * engine.ShareWindow, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, nil)
			b.now = b.now / int64(engine.ShareWindow) * int64(engine.ShareWindow)
			start := b.now
			b.fly(1, "a")
			b.sleep(c.ahead)
			b.fly(9, "")
			b.send(1, "a")
			for range c.receives - 2 {
				b.drain(1, 0)
			}
			b.now = start + int64(c.at)
			b.send(1, "a") // lest it is quiet for having sent nothing
			b.drain(1, 0)
			b.noisy(c.want)
		})
	}
}

func TestTenantsAreForgotten(t *testing.T) {
	b := newBench(t, nil)
	b.fly(1, "a")
	b.delete(engine.Handle{Seq: 1, Receive: 1, At: b.now}, engine.Done)
	q := b.q.(*queue)
	b.sleep(engine.ShareWindow)
	b.counts(0, 0, 0)
	if len(q.tenants) != 1 {
		t.Fatal("a tenant with a recent past is forgotten")
	}
	b.sleep(engine.ShareWindow)
	b.counts(0, 0, 0)
	if len(q.tenants) != 0 {
		t.Fatalf("%d tenants are remembered for nothing", len(q.tenants))
	}
}
