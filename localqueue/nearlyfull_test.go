package localqueue_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
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

// choked is a server on a disk that takes nothing while it is full.
type choked struct {
	*localqueue.Server
	t      *testing.T
	full   atomic.Bool
	broken atomic.Bool // instead of full
}

func newChoked(t *testing.T, opts ...func(*localqueue.Options)) *choked {
	disk := journaltest.New()
	s, err := localqueue.OpenOn(disk, append([]func(*localqueue.Options){func(o *localqueue.Options) { o.SegmentSize = 256 << 10 }}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	c := &choked{Server: s, t: t}
	t.Cleanup(func() { c.full.Store(false); time.Sleep(time.Second); _ = s.Close() })
	s.MustCreate("q", "other", "q-dlq")
	synctest.Wait()
	disk.Before(func(_ int, op journaltest.Op, _ string) error {
		switch {
		case op == journaltest.Write && c.broken.Load():
			return syscall.EIO
		case op == journaltest.Write && c.full.Load():
			return syscall.ENOSPC
		}
		return nil
	})
	return c
}

func (c *choked) send(queue string) error {
	_, err := c.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String("x")})
	return err
}

// fill fills the disk, which the log notices.
func (c *choked) fill() {
	c.full.Store(true)
	if err := c.send("other"); !errors.Is(err, localqueue.ErrFull) {
		c.t.Fatalf("a full disk is told as %v", err)
	}
}

// drain makes room.
func (c *choked) drain() {
	c.full.Store(false)
	time.Sleep(time.Second)
}

// TestFullOverHTTP: SDKs try again what a full disk refuses, and people are told what to
// do.
func TestFullOverHTTP(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told localqueue.Request
		c := newChoked(t, func(o *localqueue.Options) { o.OnRequest = func(r localqueue.Request) { told = r } })
		c.fill()
		a := raw(t, c, jsonCall("SendMessage", `{"QueueUrl":"q","MessageBody":"hello"}`))
		const text = "there is no room on the disk: nothing has to be done but to make room there"
		want := `503 application/x-amz-json-1.0 ServiceUnavailable;Receiver| {"__type":"com.amazon.coral.service#ServiceUnavailable","message":"` + text + `"}`
		if got := masked(a); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if told.Code != "ServiceUnavailable" || told.Text != text || told.Status != 503 {
			t.Errorf("told %+v", told)
		}
	})
}

// TestFullNamesTheDirectory that has no room.
func TestFullNamesTheDirectory(t *testing.T) {
	t.Parallel()
	if got, want := localqueue.FullIn("/data").Error(), "localqueue: there is no room on the disk of /data: nothing has to be done but to make room there"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestFullAndNothingToWrite: what writes nothing needs no room.
func TestFullAndNothingToWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newChoked(t)
		if err := c.send("q"); err != nil {
			t.Fatal(err)
		}
		c.fill()
		if err := c.Create(ctx, "q", "q-dlq"); err != nil {
			t.Errorf("a queue that is there cannot be created again: %v", err)
		}
		if err := c.Create(ctx, "new"); !errors.Is(err, localqueue.ErrFull) || !strings.Contains(err.Error(), `"new"`) {
			t.Errorf("a queue that is not there: %v", err)
		}
		for _, wait := range []int32{0, 7} {
			began := time.Now()
			out, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("q-dlq"), WaitTimeSeconds: wait})
			if took := time.Since(began); err != nil || len(out.Messages) > 0 || took != time.Duration(wait)*time.Second {
				t.Errorf("an empty queue, %d s: %+v, %v, after %v", wait, out, err, took)
			}
		}
		if out, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("q")}); !errors.Is(err, localqueue.ErrFull) {
			t.Errorf("a queue with a message: %+v, %v", out, err)
		}
		c.drain()
		receiveOne(t, c.Server, "q")
	})
}

// TestPollMeetsRoom: a receive that waits while the disk is full is handed what comes
// once there is room.
func TestPollMeetsRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newChoked(t)
		c.fill()
		got := make(chan string, 1)
		go func() {
			out, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("q"), WaitTimeSeconds: 20})
			if err != nil || len(out.Messages) != 1 {
				got <- "nothing"
				t.Errorf("received %+v, %v", out, err)
				return
			}
			got <- *out.Messages[0].Body
		}()
		synctest.Wait()
		c.drain()
		if err := c.send("q"); err != nil {
			t.Fatal(err)
		}
		if body := <-got; body != "x" {
			t.Errorf("received %s", body)
		}
	})
}

// TestGivenBackWithoutRoom: a reply is lost while the disk is full. That its messages
// were given back stands in memory, and no later call is told of it.
func TestGivenBackWithoutRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newChoked(t)
		if err := c.send("q"); err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(`{"QueueUrl":"q"}`))
		r.Header.Set("X-Amz-Target", "AmazonSQS.ReceiveMessage")
		c.ServeHTTP(&broken{http.Header{}, c.fill}, r)
		if n := counts(t, c.Server, "q"); n != "1 visible, 0 in flight, 0 delayed" {
			t.Errorf("given back: %s", n)
		}
		c.drain()
		if err := c.Create(ctx, "q"); err != nil {
			t.Errorf("the next call: %v", err)
		}
	})
}

// TestRefusedIsNotCounted: a send that the log refused is none.
func TestRefusedIsNotCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newChoked(t) // with segments that are smaller than a message may be
		if _, err := c.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String("q"), MessageBody: aws.String(strings.Repeat("x", 300<<10))}); err == nil {
			t.Fatal("a message longer than a segment was taken")
		}
		if err := c.send("q"); err != nil {
			t.Fatal(err)
		}
		for _, q := range c.Stats() {
			if q.Name == "q" && (q.Sent != 1 || q.Visible != 1) {
				t.Errorf("after one that was refused and one that was not: %+v", q)
			}
		}
	})
}

// TestOpenWithoutRoom says once what to do.
func TestOpenWithoutRoom(t *testing.T) {
	t.Parallel()
	disk := journaltest.New()
	disk.Limit(1000)
	_, err := localqueue.OpenOn(disk, small)
	if want := "localqueue: there is no room on the disk: make room there, then open it again"; !errors.Is(err, localqueue.ErrFull) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
