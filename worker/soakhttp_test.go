package worker_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
	"github.com/quayside-go/quayside/worker"
)

// A soak over HTTP is one with the SDK's own client. Faults that lose requests and
// replies are broken connections there.
func TestSoakHTTP(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newSoak(t, 6, 60, true)
		s.dial = func() worker.Client { return soakSDK(s.server) }
		s.run()
	})
}

// soakSDK returns the SDK's own client for a server in this process.
func soakSDK(s *localqueue.Server) *sqs.Client {
	return sqs.New(sqs.Options{
		BaseEndpoint: aws.String("http://localhost"), Region: localqueue.DefaultRegion,
		Credentials: aws.AnonymousCredentials{}, HTTPClient: soakTransport{s},
	})
}

// soakTransport hands requests to a handler in this process, as sockets would hang in
// virtual time.
type soakTransport struct{ http.Handler }

// Do waits for the handler, which ends soon after the request's context: what was
// answered until then is returned.
func (t soakTransport) Do(r *http.Request) (*http.Response, error) {
	served := make(chan *http.Response)
	r = r.Clone(r.Context())
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.Host, r.RequestURI = r.URL.Host, r.URL.RequestURI()
	go func() { served <- t.serve(r) }()
	if reply := <-served; reply != nil {
		return reply, nil
	}
	if err := context.Cause(r.Context()); err != nil {
		return nil, err
	}
	return nil, &net.OpError{Op: "read", Net: "tcp", Err: io.EOF}
}

// serve returns nil if the connection breaks, or nobody waits for a reply.
func (t soakTransport) serve(r *http.Request) (reply *http.Response) {
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			panic(p)
		}
	}()
	w := &soakReply{httptest.NewRecorder(), r.Context()}
	t.ServeHTTP(w, r)
	if w.Body.Len() == 0 && r.Context().Err() != nil {
		return nil
	}
	reply = w.Result()
	reply.Request = r
	return reply
}

// soakReply cannot be written once the client has gone.
type soakReply struct {
	*httptest.ResponseRecorder
	client context.Context
}

func (w *soakReply) Write(b []byte) (int, error) {
	if w.client.Err() != nil {
		return 0, net.ErrClosed
	}
	return w.ResponseRecorder.Write(b)
}
