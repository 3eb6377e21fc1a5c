package localqueue_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

// TestTornAnywhere cuts the last group off at every byte: the operation that wrote it
// happened or did not.
func TestTornAnywhere(t *testing.T) {
	t.Parallel()
	points := 0
	for seed := range uint64(2) {
		synctest.Test(t, func(t *testing.T) {
			st := tell(t, promises["receives synced"], seed)
			st.open()
			st.open()
			synctest.Wait()
			st.past = append(st.past, moment{at: time.Now().UnixNano(), dump: st.Dump()})
			for range 30 {
				st.step(st.next())
			}
			for _, kind := range []func() operation{st.user.send, st.user.receive, st.user.remove, st.user.change, st.user.tags} {
				time.Sleep(2 * time.Second) // move tasks rest, and what was written is on the disk
				synctest.Wait()
				points += st.tear(kind())
			}
			if err := st.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Logf("%d crashes", points)
}

// tear does an operation and recovers it from every part of what it wrote.
func (st *story) tear(op operation) (points int) {
	before, old := st.Dump(), st.disk.Kill()
	if err := op.do(); err != nil {
		return 0 // such as a message that is gone
	}
	synctest.Wait()
	after, now := st.Dump(), st.disk.Kill()
	at := time.Now().UnixNano()
	if before.At(at).Equal(after.At(at)) || before.Moving() {
		return 0
	}
	for _, name := range now.Files() {
		was, is := old.Bytes(name), now.Bytes(name)
		if len(was) != len(is) {
			continue
		}
		from, to := changed(was, is)
		for cut := from; cut <= to; cut++ {
			left := now.Clone()
			left.Put(name, slices.Concat(is[:cut], was[cut:]))
			found, err := localqueue.Recover(left, at, st.relaxed)
			whole := found.Equal(after.At(at))
			if err != nil || whole != (cut == to) || !whole && !found.Equal(before.At(at)) {
				st.t.Errorf("%s: %s, cut at byte %d of %d to %d of %s: whole %v, error %v; from before: %s", st.name, op.name, cut, from, to, name,
					whole, err, difference(before.At(at).Rows(), found.Rows()))
				return points
			}
			points++
			if to-from > 400 && cut == from+150 { // the middle of a body is like its beginning
				cut = to - 100
			}
		}
	}
	return points
}

// changed is where two texts differ.
func changed(a, b []byte) (from, to int) {
	for from < len(a) && a[from] == b[from] {
		from++
	}
	for to = len(a); to > from && a[to-1] == b[to-1]; to-- {
	}
	return from, to
}

// TestFailedSync: when a sync fails nothing is answered any more, and nothing that was
// is lost.
func TestFailedSync(t *testing.T) {
	t.Parallel()
	for name, failing := range map[string]journaltest.Op{"sync": journaltest.Sync, "write": journaltest.Write, "names": journaltest.SyncDir} {
		for seed := range uint64(12) {
			synctest.Test(t, func(t *testing.T) {
				st := tell(t, promises["receives synced"], seed)
				st.open()
				st.open()
				synctest.Wait()
				st.past = append(st.past, moment{at: time.Now().UnixNano(), dump: st.Dump()})
				countdown := 5 + int(seed)*3
				if failing == journaltest.SyncDir {
					countdown = 1
				}
				failed := false
				st.disk.Before(func(_ int, op journaltest.Op, _ string) error {
					if op == failing && !failed {
						countdown--
						failed = countdown == 0
						if failed {
							return syscall.EIO
						}
					}
					return nil
				})
				for i := 0; !failed; i++ {
					if i == 3000 {
						t.Fatalf("%s: the disk was not asked to fail", name)
					}
					st.step(st.next())
				}
				st.refuse(fmt.Sprintf("%s %d", name, seed))
			})
		}
	}
}

// refuse holds a server whose disk has failed to its promises.
func (st *story) refuse(when string) {
	synctest.Wait()
	queue := aws.String("plain")
	_, sent := st.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String("more")})
	_, purged := st.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: queue})
	_, made := st.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("another")})
	got, received := st.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queue})
	for call, err := range map[string]error{"send": sent, "purge": purged, "create": made, "receive": received} {
		if err == nil && !(call == "receive" && len(got.Messages) == 0) {
			st.t.Errorf("%s: a %s was answered after the disk had failed", when, call)
		}
		if err != nil && call != "purge" && !strings.Contains(err.Error(), "restart") {
			st.t.Errorf("%s: the error of a %s does not say what to do: %v", when, call, err)
		}
	}
	if err := st.Close(); err == nil {
		st.t.Errorf("%s: closing says nothing of it", when)
	}
	st.disk.Before(nil)
	at := time.Now().UnixNano()
	for i := range uint64(4) {
		left := st.disk.Kill()
		if i > 0 {
			left = left.Crash(i)
		}
		found, err := localqueue.Recover(left, at, st.relaxed)
		f := find{when: "after a failure", at: at, low: st.safe, dump: found, err: err}
		if err := st.judge(f); err != nil {
			st.t.Errorf("%s: %v", when, err)
			return
		}
	}
}

// TestNoRoom fills the disk: senders are told, receives and deletes go on, and so does
// everything once there is room.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		synctest.Test(t, func(t *testing.T) {
			disk := journaltest.New()
			open := func() *localqueue.Server {
				s, err := localqueue.OpenOn(disk, func(o *localqueue.Options) { o.SegmentSize = 256 << 10 })
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			s := open()
			s.MustCreate("q", "jobs.fifo")
			synctest.Wait()
			disk.Limit(int64(seed) * 300 << 10)
			var ids []string
			size := 500 + int(seed)*3000
			for {
				out, err := s.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String("q"), MessageBody: aws.String(body(len(ids), size))})
				if err != nil {
					if !errors.Is(err, localqueue.ErrFull) {
						t.Fatalf("a full disk is told as %v", err)
					}
					break
				}
				if ids = append(ids, *out.MessageId); len(ids) > 10000 {
					t.Fatal("the disk is never full")
				}
			}
			left := map[string]bool{}
			for _, id := range ids {
				left[id] = true
			}
			take := func(n int) {
				for n > 0 {
					out, err := s.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("q"), MaxNumberOfMessages: int32(min(n, 10)), VisibilityTimeout: 3600})
					if err != nil {
						t.Fatalf("receive from a full disk: %v", err)
					}
					if len(out.Messages) == 0 {
						return
					}
					for _, m := range out.Messages {
						if n--; !left[*m.MessageId] || !sound(*m.Body) {
							t.Fatalf("received %q, which was deleted or never accepted", *m.Body)
						}
						if _, err := s.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String("q"), ReceiptHandle: m.ReceiptHandle}); err != nil {
							t.Fatalf("delete on a full disk: %v", err)
						}
						delete(left, *m.MessageId)
					}
				}
			}
			take(len(ids) / 4)
			if err := s.Check(); err != nil {
				t.Fatal(err)
			}
			switch seed % 3 {
			case 0: // room comes from elsewhere
				disk.Limit(-1)
			case 1: // the consumer makes it
				take(len(ids))
				s.Clean()
			case 2: // the process ends
				disk.Limit(-1)
				old := s
				disk = disk.Kill()
				s = open()
				_ = old.Close()
			}
			time.Sleep(2 * time.Second)
			synctest.Wait()
			out, err := s.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String("q"), MessageBody: aws.String(body(1, 500))})
			if err != nil {
				t.Fatalf("seed %d: with room again: %v", seed, err)
			}
			left[*out.MessageId] = true
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open()
			take(len(ids) + 1)
			if len(left) > 0 {
				t.Errorf("seed %d: %d messages were lost", seed, len(left))
			}
			if err := s.Check(); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// flips is how many bits TestFlippedBits turns over.
const flips = 60

// TestFlippedBits turns bits over in the files of a server that is closed: Open or
// Verify says where, or nothing that counts was there.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	var refused, verified, harmless int
	for seed := range uint64(3) {
		st := tell(t, promises["receives synced"], seed)
		synctest.Test(t, func(t *testing.T) {
			st.t = t
			st.open()
			st.open()
			synctest.Wait()
			for range 400 {
				if err := st.next().do(); err != nil {
					continue // such as a message that is gone
				}
			}
			if err := st.Close(); err != nil {
				t.Fatal(err)
			}
		})
		r := rand.New(rand.NewPCG(seed, 11))
		dir := t.TempDir()
		for range flips {
			switch st.flip(dir, r) {
			case "refused":
				refused++
			case "verified":
				verified++
			default:
				harmless++
			}
			if t.Failed() {
				return
			}
		}
	}
	t.Logf("of %d flipped bits Open refused %d, Verify found %d more, %d were of no use to anybody", 3*flips, refused, verified, harmless)
	if refused == 0 || verified == 0 || harmless > flips {
		t.Error("that is not what flipped bits should come to")
	}
}

// flip turns a bit over, looks what becomes of that, and turns it back.
func (st *story) flip(dir string, r *rand.Rand) (fate string) {
	disk := st.disk.Kill()
	names := slices.DeleteFunc(disk.Files(), func(name string) bool { return !strings.HasSuffix(name, ".log") })
	for _, name := range names {
		st.put(dir, name, disk.Bytes(name))
	}
	clean, err := localqueue.Verify(dir)
	if err != nil || clean.Damage != nil {
		st.t.Fatalf("%s: before: %v, %v", st.name, err, clean.Damage)
	}
	segment := clean.Segments[r.IntN(len(clean.Segments))]
	name, at := fmt.Sprintf("%08x.log", segment.Number), r.Int64N(segment.Bytes)
	b := disk.Bytes(name)
	unused := r.IntN(4) == 0 // or a footer, which nobody needs who reads the segment
	if unused {
		at = segment.Bytes + r.Int64N(int64(len(b))-segment.Bytes)
	}
	b[at] ^= 1 << r.IntN(8)
	disk.Put(name, b)
	st.put(dir, name, b)
	when := fmt.Sprintf("%s, a bit at byte %d of %s, which has %d, sealed %v", st.name, at, name, segment.Bytes, segment.Sealed)

	verified, err := localqueue.Verify(dir)
	if err != nil {
		st.t.Errorf("%s: verify: %v", when, err)
	}
	if d := verified.Damage; d != nil && !(d.File == name && d.Offset <= at && at-d.Offset < 100<<10) {
		st.t.Errorf("%s: Verify puts the damage at byte %d of %s", when, d.Offset, d.File)
	}
	s, err := localqueue.OpenOn(disk, st.opts)
	if damage := (*localqueue.DamageError)(nil); errors.As(err, &damage) {
		if damage.File != name || damage.Offset > at || at-damage.Offset > 100<<10 {
			st.t.Errorf("%s: Open puts the damage at byte %d of %s", when, damage.Offset, damage.File)
		}
		if verified.Damage == nil {
			st.t.Errorf("%s: Open refuses what Verify finds in order: %v", when, err)
		}
		return "refused"
	}
	if err != nil {
		st.t.Fatalf("%s: open: %v", when, err)
	}
	defer func() { _ = s.Close() }()
	lost := clean.Messages - s.Recovery().Messages
	if (lost != 0 || verified.Cut != "" && verified.Cut != clean.Cut) && verified.Damage == nil && at < segment.Bytes-100 {
		st.t.Errorf("%s: %d messages were lost, and Verify finds nothing but %q", when, lost, verified.Cut)
	}
	for _, q := range s.Stats() {
		for range q.Visible {
			out, err := s.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.Name, VisibilityTimeout: 3600})
			if err == nil {
				err = st.right(out.Messages)
			} else if verified.Damage != nil && errors.As(err, new(*localqueue.DamageError)) {
				err = nil
			}
			if err != nil {
				st.t.Errorf("%s: receive from %s: %v, and Verify found %v", when, q.Name, err, verified.Damage)
				return "harmless"
			}
		}
	}
	switch {
	case verified.Damage != nil:
		return "verified"
	case !unused && at < segment.Bytes-100: // the end of the last group only says that it is one
		st.t.Errorf("%s: nobody finds it", when)
	}
	return "harmless"
}

func (st *story) put(dir, name string, b []byte) {
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		st.t.Fatal(err)
	}
}
