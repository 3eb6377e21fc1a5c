package localqueue_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/localqueue/internal/journal/journaltest"
)

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
				var failed atomic.Bool
				st.disk.Before(func(_ int, op journaltest.Op, _ string) error {
					if op != failing || failed.Load() {
						return nil
					}
					if countdown--; countdown > 0 {
						return nil
					}
					failed.Store(true)
					return syscall.EIO
				})
				for i := 0; !failed.Load(); i++ {
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
	if !errors.Is(st.Err(), syscall.EIO) {
		st.t.Errorf("%s: Err is %v", when, st.Err())
	}
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
