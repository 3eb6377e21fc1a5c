package sqshttp_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/middleware"

	"github.com/quayside-go/quayside/sqshttp"
)

// TestEarlyReply plays the trap of the package documentation step by step, with the
// SDK itself: the reply is there, and the SDK has closed the request body, before
// net/http has looked whether the body has more.
func TestEarlyReply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newEarlyNet(t)
		c := sqshttp.New(func(o *sqshttp.Options) { o.Transport = n.transport() })
		defer c.CloseIdleConnections()
		client := newClient("http://early", c, n.releaseOnceClosed)
		for range 2 {
			if err := receiveTen(t.Context(), client); err != nil {
				t.Errorf("an early reply was lost: %v", err)
			}
		}
		if n.dials != 1 {
			t.Errorf("%d connections opened for two calls, want 1", n.dials)
		}
	})
}

// TestEarlyReplyTrap shows that the test above can fail: an http.Client loses the
// reply.
func TestEarlyReplyTrap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newEarlyNet(t)
		c := &http.Client{Transport: n.transport()}
		defer c.CloseIdleConnections()
		err := receiveTen(t.Context(), newClient("http://early", c, n.releaseOnceClosed))
		if err == nil {
			t.Error("an http.Client got the reply: net/http or the SDK has been cured; " +
				"say in the package documentation as of which version")
		}
		t.Log(err)
	})
}

// earlyNet connects clients to a queue in memory. A connection holds its writer
// back once it has written a request's body, as if the scheduler had better things
// to do, until the SDK has closed that body. One call at a time; use it in a bubble.
type earlyNet struct {
	accept chan net.Conn
	closed chan struct{} // a token for each body that the SDK closed
	dials  int
}

func newEarlyNet(t *testing.T) *earlyNet {
	n := &earlyNet{accept: make(chan net.Conn), closed: make(chan struct{})}
	srv := &http.Server{Handler: tenMessages()}
	go srv.Serve(n)
	t.Cleanup(func() { srv.Close() })
	return n
}

// transport is a sqshttp.NewTransport over n.
func (n *earlyNet) transport() *http.Transport {
	tr := sqshttp.NewTransport()
	tr.DialContext = func(context.Context, string, string) (net.Conn, error) {
		n.dials++
		ours, theirs := net.Pipe()
		n.accept <- theirs
		return heldConn{ours, n.closed}, nil
	}
	return tr
}

// releaseOnceClosed has the SDK, each time it has closed the request body and before
// it reads the reply, let the writer go on for as far as it gets.
func (n *earlyNet) releaseOnceClosed(o *sqs.Options) {
	release := middleware.DeserializeMiddlewareFunc("release", func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		n.closed <- struct{}{}
		synctest.Wait()
		return out, metadata, err
	})
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Deserialize.Add(release, middleware.After) // around the HTTP client alone
	})
}

type heldConn struct {
	net.Conn
	release <-chan struct{}
}

func (c heldConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if bytes.Contains(p, []byte(`"QueueUrl"`)) { // the body of a receive
		<-c.release
	}
	return n, err
}

// Accept, Close and Addr make n the server's listener.

func (n *earlyNet) Accept() (net.Conn, error) {
	c, ok := <-n.accept
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (n *earlyNet) Close() error {
	close(n.accept)
	return nil
}

func (n *earlyNet) Addr() net.Addr { return &net.UnixAddr{Name: "early", Net: "unix"} }

// tenMessages answers ReceiveMessage, and nothing else, in AWS JSON 1.0.
func tenMessages() http.HandlerFunc {
	reply := tenMessagesReply()
	return func(w http.ResponseWriter, r *http.Request) {
		if target := r.Header.Get("X-Amz-Target"); target != "AmazonSQS.ReceiveMessage" {
			http.Error(w, "not a receive: "+target, http.StatusBadRequest)
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.Header().Set("Content-Length", strconv.Itoa(len(reply)))
		w.Write(reply)
	}
}

func tenMessagesReply() []byte {
	type message struct{ MessageId, ReceiptHandle, MD5OfBody, Body string }
	var out struct{ Messages []message }
	for i := range 10 {
		text := strings.Repeat(strconv.Itoa(i), 1024)
		sum := md5.Sum([]byte(text))
		out.Messages = append(out.Messages, message{
			MessageId:     fmt.Sprintf("00000000-0000-4000-8000-%012d", i),
			ReceiptHandle: fmt.Sprintf("handle-%d", i),
			MD5OfBody:     hex.EncodeToString(sum[:]),
			Body:          text,
		})
	}
	reply, err := json.Marshal(out)
	if err != nil {
		panic(err) // strings always encode
	}
	return reply
}
