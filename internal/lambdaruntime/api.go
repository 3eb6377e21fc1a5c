package lambdaruntime

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxBody is the largest response of a function, in bytes, and the largest error.
const maxBody = 6_291_556

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
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, "NotFound", fmt.Sprintf("the Runtime API has no %s %s", r.Method, r.URL.Path))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") != "" {
			refuse(w, http.StatusForbidden, "Forbidden", "the Runtime API is not for web pages")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// next waits for an event and hands it out. A client that hangs up gets none.
func (p *process) next(w http.ResponseWriter, r *http.Request) {
	var inv *invocation
	if p.asks() {
		inv = p.awaitEvent(r)
	}
	if inv == nil {
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the event at hand must be answered before the next one")
		return
	}
	p.hand(w, inv)
}

// awaitEvent waits for an event, and takes it if the client is still there.
func (p *process) awaitEvent(r *http.Request) *invocation {
	p.slot.await(p)
	defer p.slot.leave(p)
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
	id := r.PathValue("id")
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		why := fmt.Sprintf("the response is larger than %d bytes", maxBody)
		if !p.answer(id, outcome{err: &FunctionError{typeTooLarge, why}}) {
			refuseID(w)
			return
		}
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", maxBody))
		return
	case err != nil:
		refuse(w, http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request detected as truncated")
		return
	}
	o := outcome{response: body}
	if kind := r.Trailer.Get(headerErrorType); kind != "" {
		text, _ := base64.StdEncoding.DecodeString(r.Trailer.Get(headerErrorBody))
		o = outcome{err: reported(kind, text)}
	}
	if !p.answer(id, o) {
		refuseID(w)
		return
	}
	accept(w)
}

// invocationError takes the function's error.
func (p *process) invocationError(w http.ResponseWriter, r *http.Request) {
	body, ok := readError(w, r)
	if !ok {
		return
	}
	if !p.answer(r.PathValue("id"), outcome{err: reported(r.Header.Get(headerErrorType), body)}) {
		refuseID(w)
		return
	}
	accept(w)
}

// initialError takes why the function cannot start.
func (p *process) initialError(w http.ResponseWriter, r *http.Request) {
	body, ok := readError(w, r)
	if !ok {
		return
	}
	select {
	case <-p.ready:
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the function has started already")
		return
	default:
	}
	accept(w)
	select {
	case p.initError <- reported(r.Header.Get(headerErrorType), body):
	default: // it said so before
	}
}

func readError(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", maxBody))
		return nil, false
	}
	return body, true
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`+"\n")
}

// refuseID refuses an answer to an event that is not at hand.
func refuseID(w http.ResponseWriter) {
	refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
}

// refuse answers with an error, in the form that Lambda has.
func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct {
		Message string `json:"errorMessage"`
		Type    string `json:"errorType"`
	}{message, kind})
}
