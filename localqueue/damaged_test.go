package localqueue_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
)

// aching is a server with messages in one queue, whose file can be spoilt while it runs.
type aching struct {
	*localqueue.Server
	t     *testing.T
	file  string
	queue string
	ids   []string // of the messages, in their order
	told  []localqueue.Damage
}

func newAching(t *testing.T, queue string, messages int) *aching {
	dir := t.TempDir()
	a := &aching{t: t, file: filepath.Join(dir, "00000001.log"), queue: queue}
	a.Server = openDurable(t, dir, func(o *localqueue.Options) {
		o.OnDamage = func(d localqueue.Damage) { a.told = append(a.told, d) }
	})
	t.Cleanup(func() { _ = a.Close() })
	a.MustCreate(queue)
	for i := range messages {
		in := &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String(needle(i))}
		if strings.HasSuffix(queue, ".fifo") {
			in.MessageGroupId, in.MessageDeduplicationId = aws.String("g"), aws.String(fmt.Sprint(i))
		}
		out, err := a.SendMessage(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		a.ids = append(a.ids, *out.MessageId)
	}
	return a
}

func needle(i int) string { return fmt.Sprintf("needle-%d-%s", i, strings.Repeat("x", 1000)) }

// spoil changes a byte of message i, or, with cut, lets the file end there.
func (a *aching) spoil(i int, cut bool) (at int64) {
	b, err := os.ReadFile(a.file)
	if err != nil {
		a.t.Fatal(err)
	}
	at = int64(bytes.Index(b, []byte(needle(i))))
	f, err := os.OpenFile(a.file, os.O_RDWR, 0)
	if err == nil && cut {
		err = f.Truncate(at + 10)
	} else if err == nil {
		_, err = f.WriteAt([]byte("N"), at)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		a.t.Fatal(err)
	}
	return at
}

// receive takes ten messages and returns their ids.
func (a *aching) receive() (ids []string, err error) {
	out, err := a.ReceiveMessage(a.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &a.queue, MaxNumberOfMessages: 10})
	if err != nil {
		return nil, err
	}
	for _, m := range out.Messages {
		ids = append(ids, *m.MessageId)
	}
	return ids, nil
}

// TestDamagedMessage has messages that cannot be read among others: the others are
// handed out, on FIFO those before the first, and it is told which ones were not.
func TestDamagedMessage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		queue  string
		spoilt []int
		cut    bool
		want   []int // handed out
		told   []int
	}{
		{"one", "a", []int{2}, false, []int{0, 1, 3, 4}, []int{2}},
		{"three", "a", []int{0, 1, 4}, false, []int{2, 3}, []int{0, 1, 4}},
		{"the file ends early", "a", []int{4}, true, []int{0, 1, 2, 3}, []int{4}},
		{"FIFO", "a.fifo", []int{2, 3}, false, []int{0, 1}, []int{2}},
		{"FIFO, the file ends early", "a.fifo", []int{4}, true, []int{0, 1, 2, 3}, []int{4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := newAching(t, c.queue, 5)
			at := map[int]int64{}
			for _, i := range c.spoilt {
				at[i] = a.spoil(i, c.cut)
			}
			got, err := a.receive()
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, i := range c.want {
				want = append(want, a.ids[i])
			}
			if !slices.Equal(got, want) {
				t.Errorf("received %q, want %q", got, want)
			}
			if len(a.told) != len(c.told) {
				t.Fatalf("told of %+v, want %d", a.told, c.told)
			}
			for n, i := range c.told {
				d := a.told[n]
				if d.Queue != c.queue || d.Account != localqueue.DefaultAccount || d.Region != localqueue.DefaultRegion || d.MessageID != a.ids[i] ||
					d.Where.File != "00000001.log" || d.Where.Offset > at[i] || d.Where.Offset < at[i]-200 || d.Where.Reason == "" {
					t.Errorf("told of %+v at %+v, want message %s shortly before byte %d", d, d.Where, a.ids[i], at[i])
				}
			}
			if n := a.Stats()[0].Damaged; n != uint64(len(c.told)) {
				t.Errorf("%d are counted", n)
			}
		})
	}
}

// TestDamagedAlone: where nothing is left the receive fails, and it is told as well.
func TestDamagedAlone(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{"a", "a.fifo"} {
		a := newAching(t, queue, 2)
		at := a.spoil(0, false)
		a.spoil(1, false)
		got, err := a.receive()
		damage := (*localqueue.DamageError)(nil)
		if !errors.As(err, &damage) || damage.Offset > at || damage.Offset < at-200 {
			t.Errorf("%s: received %q, %v; want an error that names a place shortly before %d", queue, got, err, at)
		}
		if len(a.told) == 0 || a.told[0].MessageID != a.ids[0] {
			t.Errorf("%s: told of %+v", queue, a.told)
		}
	}
}
