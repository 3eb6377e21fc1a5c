package localqueue_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/quayside-go/quayside/localqueue"
)

func TestDiskStats(t *testing.T) {
	t.Parallel()
	if got := localqueue.New().Disk(); got != (localqueue.DiskStats{}) {
		t.Errorf("in memory: %+v", got)
	}
	synctest.Test(t, func(t *testing.T) {
		k := newTank(t)
		defer k.Close()
		few := k.Disk()
		send(t, k.Server, "q", strings.Repeat("x", 1000))
		one := k.Disk()
		if one.Segments != 1 || one.Full || one.Live < few.Live+1000 || one.Live > few.Live+1200 || one.Bytes < one.Live {
			t.Errorf("empty %+v, with a message of 1,000 bytes %+v", few, one)
		}
		k.disk.Limit(0)
		k.fill(30_000)
		if full := k.Disk(); !full.Full || full.Segments < 2 || full.Live < int64(len(k.left))*30_000 {
			t.Errorf("full %+v, with %d messages of 30,000 bytes", full, len(k.left))
		}
	})
}
