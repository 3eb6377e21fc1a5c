package localqueue

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

var errTooLarge = engine.Errorf(wire.CodeTooLarge, "The request's body is longer than %d bytes.", maxRequest)

// contentTypes are those of replies, by format.
var contentTypes = [...][]string{wire.JSON: {"application/x-amz-json-1.0"}, wire.XML: {"text/xml"}, wire.QueryJSON: {"application/json"}}

// writer begins the reply.
func (x *exchange) writer() *wire.Writer {
	if x.reply == nil {
		x.reply = newBuffer(1 << minBits)
	}
	x.out.Reset(x.format, x.name, x.id.String(), x.reply.b)
	return &x.out
}

// refuse answers with what went wrong.
func (x *exchange) refuse(err error) {
	f := x.fault(err)
	if x.format == wire.JSON {
		if h := f.Header(); h != "" {
			x.w.Header().Set("x-amzn-query-error", h)
		}
	}
	x.code, x.text = f.Code, f.Message
	if x.bare {
		x.format = wire.XML
		x.write(http.StatusNotFound, []byte("<UnknownOperationException/>\n"))
		return
	}
	w := x.writer()
	w.Fault(f)
	x.write(f.Status, w.Bytes())
}

// fault is how an error is told to the client.
func (x *exchange) fault(err error) wire.Fault {
	var e *engine.Error
	var full *fullError
	switch {
	case errors.As(err, &e):
	case errors.As(err, &full): // which SDKs try again, later and later
		e = &engine.Error{Code: engine.CodeServiceUnavailable, Message: full.text()}
	case errors.Is(err, ErrClosed):
		e = &engine.Error{Code: engine.CodeServiceUnavailable, Message: "The server is stopping."}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e = &engine.Error{Code: "RequestTimeout", Message: "The request was abandoned."} // nobody reads it
	default:
		e = &engine.Error{Code: engine.CodeInternalFailure, Message: err.Error()}
	}
	if e.Code == engine.CodeQueueDoesNotExist && x.format != wire.JSON {
		e = &engine.Error{Code: e.Code, Message: "The specified queue does not exist for this wsdl version."}
	}
	return wire.FaultOf(e.Code, e.Message)
}

// write sends the reply. If it hands out messages it makes sure that the client is
// still there, and waits until the system took the reply, to learn whether it could.
func (x *exchange) write(status int, body []byte) {
	h := x.w.Header()
	h["X-Amzn-Requestid"] = x.id.header[:]
	h["Content-Type"] = contentTypes[x.format]
	h["Date"] = x.s.http.date()
	x.status = status
	lent := x.lend.b != nil && len(x.lend.b.Deliveries) > 0
	if lent || len(body) > smallReply {
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	if lent {
		x.err = x.r.Context().Err()
	}
	if x.err == nil {
		x.w.WriteHeader(status)
		_, x.err = x.w.Write(body)
	}
	if x.err == nil && lent {
		x.err = http.NewResponseController(x.w).Flush()
		if errors.Is(x.err, http.ErrNotSupported) {
			x.err = nil
		}
	}
	if x.err != nil && lent {
		x.s.giveBack(x.lend)
	}
}

// smallReply is the size up to which net/http finds out the Content-Length.
const smallReply = 2000

// giveBack makes messages visible again whose reply could not be written, unless
// they are somebody else's by now. Those of a receive with an attempt id are left
// for the client to ask for again.
func (s *Server) giveBack(l lending) {
	if l.attempt || l.q.lock() != nil {
		return
	}
	at := s.now()
	for i := range l.b.Deliveries {
		l.q.q.Messages.Release(at, l.b.Deliveries[i].Handle)
	}
	l.q.told(false) // nobody waits for it: what the log refuses stands in memory
	s.unlock(l.q)
}

// tell reports the exchange to OnRequest.
func (x *exchange) tell() {
	x.s.opts.OnRequest(Request{
		ID: x.id.String(), Protocol: protocols[x.format], Action: x.name,
		Account: x.ns.Account, Region: x.ns.Region, Queue: x.queue,
		Status: x.status, Code: x.code, Text: x.text, Start: x.started, Duration: time.Since(x.started), Err: x.err,
	})
}

var protocols = [...]string{wire.JSON: "json", wire.XML: "query", wire.QueryJSON: "query"}

// asks notes the queue that a request is about, for OnRequest.
func (x *exchange) asks(queueURL string) {
	if x.s.opts.OnRequest != nil {
		x.queue = strings.Clone(queueName(queueURL))
	}
}

// names does so for a request that was bound to members.
func (x *exchange) names(to members) {
	for _, m := range to {
		if p, ok := m.To.(**string); ok && *p != nil && (m.Name == "QueueUrl" || m.Name == "QueueName") {
			x.asks(**p)
		}
	}
}
