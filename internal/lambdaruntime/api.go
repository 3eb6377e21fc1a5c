package lambdaruntime

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Headers of the Runtime API. The error's type is also a trailer of a streamed response.
const (
	headerRequestID = "Lambda-Runtime-Aws-Request-Id"
	headerDeadline  = "Lambda-Runtime-Deadline-Ms"
	headerARN       = "Lambda-Runtime-Invoked-Function-Arn"
	headerTrace     = "Lambda-Runtime-Trace-Id"
	headerErrorType = "Lambda-Runtime-Function-Error-Type"
	headerErrorBody = "Lambda-Runtime-Function-Error-Body"
)

// routes are those of the Runtime API, and an answer to everything else.
func (p *process) routes() http.Handler {
	const version = "/2018-06-01/runtime/"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+version+"invocation/next", p.next)
	mux.HandleFunc("POST "+version+"invocation/{id}/response", p.response)
	mux.HandleFunc("POST "+version+"invocation/{id}/error", p.invocationError)
	mux.HandleFunc("POST "+version+"init/error", p.initialError)
	mux.HandleFunc("/", notFound)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if why := p.admits(r); why != "" {
			refuse(w, http.StatusForbidden, "Forbidden", why)
			return
		}
		if r.Method == http.MethodHead { // which a pattern of GET matches, and an event would be lost to
			notFound(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func notFound(w http.ResponseWriter, r *http.Request) {
	refuse(w, http.StatusNotFound, "NotFound", fmt.Sprintf("the Runtime API has no %s %s", r.Method, r.URL.Path))
}

// next waits for an event and hands it out. A client that hangs up gets none.
func (p *process) next(w http.ResponseWriter, r *http.Request) {
	refused := p.asks()
	if refused == "" {
		inv := p.awaitEvent(r)
		p.asked()
		if inv != nil {
			p.hand(w, inv)
			return
		}
		refused = atHand
	}
	refuse(w, http.StatusForbidden, "InvalidStateTransition", refused)
}

// awaitEvent waits for an event, and takes it if the client is still there.
func (p *process) awaitEvent(r *http.Request) *invocation {
	p.slot.await(p)
	defer p.slot.unawait(p)
	for {
		var inv *invocation
		select {
		case inv = <-p.slot.events:
		case <-r.Context().Done():
			return nil
		case <-p.exited:
			return nil
		}
		if r.Context().Err() == nil && p.take(inv) {
			inv.taken <- p
			return inv
		}
		inv.taken <- nil // whoever waits for this slot offers it again
		if p.busy() || r.Context().Err() != nil {
			return nil
		}
	}
}

// hand writes the event. Its deadline is when Invoke ends it.
func (p *process) hand(w http.ResponseWriter, inv *invocation) {
	now, o := time.Now(), p.slot.pool.o
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set(headerRequestID, inv.id)
	h.Set(headerDeadline, strconv.FormatInt(now.Add(o.Timeout).UnixMilli(), 10))
	h.Set(headerARN, o.arn())
	h.Set(headerTrace, traceID(now))
	h.Set("Content-Length", strconv.Itoa(len(inv.event)))
	_, _ = w.Write(inv.event) // a process that does not read it times out
}

// response takes the function's response. A streamed one may end in an error, in its trailers.
func (p *process) response(w http.ResponseWriter, r *http.Request) {
	body, refusal := readBody(w, r)
	o := outcome{response: body}
	if kind := r.Trailer.Get(headerErrorType); kind != "" {
		text, _ := base64.StdEncoding.DecodeString(r.Trailer.Get(headerErrorBody))
		o = outcome{err: reported(kind, text)}
	}
	p.settle(w, r, o, refusal)
}

// invocationError takes the function's error.
func (p *process) invocationError(w http.ResponseWriter, r *http.Request) {
	body, refusal := readBody(w, r)
	p.settle(w, r, outcome{err: reported(r.Header.Get(headerErrorType), body)}, refusal)
}

// settle has the event end with an outcome, or in an error if that was too large. One that was
// cut off settles nothing.
func (p *process) settle(w http.ResponseWriter, r *http.Request, o outcome, refusal *refusal) {
	if refusal != nil && refusal.why == nil {
		refusal.write(w)
		return
	}
	if refusal != nil {
		o = outcome{err: refusal.why}
	}
	switch {
	case !p.answer(r.PathValue("id"), o):
		refuseID(w)
	case refusal != nil:
		refusal.write(w)
	default:
		accept(w)
	}
}

// initialError takes why the function cannot start.
func (p *process) initialError(w http.ResponseWriter, r *http.Request) {
	body, refusal := readBody(w, r)
	why := reported(r.Header.Get(headerErrorType), body)
	if refusal != nil {
		why = refusal.why
	}
	switch {
	case why == nil: // it was cut off
		refusal.write(w)
		return
	case !p.fails():
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the function has started already")
		return
	case refusal != nil:
		refusal.write(w)
	default:
		accept(w)
	}
	select {
	case p.initError <- why:
	default: // it said so before
	}
}
