package localqueue_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
)

// flips is how many bits TestFlippedBits turns over.
const flips = 60

// TestFlippedBits turns bits over in the files of a server that is closed: Open or
// Verify says where, or nothing that counts was there.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	fates := map[string]int{}
	for seed := range uint64(3) {
		synctest.Test(t, func(t *testing.T) {
			st := tell(t, promises["receives synced"], seed)
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
			st.flipAll(seed, fates)
		})
	}
	t.Logf("of %d flipped bits Open refused %d, Verify found %d more, %d were of no use to anybody", 3*flips, fates["refused"], fates["verified"], fates["harmless"])
	if fates["refused"] == 0 || fates["verified"] == 0 || fates["harmless"] > flips {
		t.Error("that is not what flipped bits should come to")
	}
}

// flipAll turns over one bit after the other, and counts what became of that.
func (st *story) flipAll(seed uint64, fates map[string]int) {
	r := rand.New(rand.NewPCG(seed, 11))
	dir := st.t.TempDir()
	for _, name := range st.disk.Files() {
		st.put(dir, name, st.disk.Bytes(name))
	}
	clean, err := localqueue.Verify(dir)
	if err != nil || clean.Damage != nil || clean.Messages == 0 {
		st.t.Fatalf("%s: before: %v, %+v", st.name, err, clean)
	}
	for i := 0; i < flips && !st.t.Failed(); i++ {
		fates[st.flip(dir, clean, r)]++
	}
}

// flip turns a bit over, looks what becomes of that, and turns it back.
func (st *story) flip(dir string, clean localqueue.Inspection, r *rand.Rand) (fate string) {
	disk := st.disk.Kill()
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
	defer st.put(dir, name, st.disk.Bytes(name))
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
