package killtest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"github.com/quayside-go/quayside/localqueue"
)

// fault is something that a server may do wrong, and what has to be said of it.
type fault struct {
	name   string
	found  string // part of what is said; several by "|"
	scene  func() *scene
	tamper func(f *fault, x *exchange) // is handed each exchange
	reborn func(f *fault)              // at the beginning of each life but the first
	server *localqueue.Server

	mu      sync.Mutex     // guards what follows
	seen    map[string]int // how often what was met
	ids     map[string]string
	handles []held // of receives
	bodies  []held // of messages without a group
	before  int    // so many of the handles are of earlier lives
}

// exchange is one request with its reply, as JSON.
type exchange struct {
	action string
	in     map[string]any
	serve  func(in map[string]any) map[string]any // has the server answer; nil: with an error
	answer map[string]any                         // what is to be answered; nil: what serve returned
	status int                                    // of an answer without a body
	abort  bool                                   // no answer
}

// around puts f between the clients and the server h.
func (f *fault) around(h http.Handler) http.Handler {
	if f.tamper == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		x := &exchange{in: map[string]any{}}
		_, x.action, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if r.URL.Path == checkPath {
			x.action = checkPath
		} else if json.Unmarshal(body, &x.in) != nil {
			return
		}
		var reply *httptest.ResponseRecorder
		x.serve = func(in map[string]any) map[string]any {
			text, _ := json.Marshal(in)
			again := r.Clone(r.Context())
			again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
			reply = httptest.NewRecorder()
			h.ServeHTTP(reply, again)
			var out map[string]any
			if reply.Code != http.StatusOK || json.Unmarshal(reply.Body.Bytes(), &out) != nil {
				return nil
			}
			return out
		}
		f.tamper(f, x)
		switch {
		case x.abort:
			panic(http.ErrAbortHandler)
		case x.status != 0:
			w.WriteHeader(x.status)
			return
		case x.answer != nil:
			w.Header().Set("Content-Type", "application/x-amz-json-1.0")
			_ = json.NewEncoder(w).Encode(x.answer)
			return
		case reply == nil:
			x.serve(x.in)
		}
		for name, values := range reply.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(reply.Code)
		_, _ = w.Write(reply.Body.Bytes())
	})
}

// Pieces that faults are made of.

// messagesOf are those of a reply to a receive.
func messagesOf(out map[string]any) (all []map[string]any) {
	list, _ := out["Messages"].([]any)
	for _, m := range list {
		all = append(all, m.(map[string]any))
	}
	return all
}

// entriesOf are those of a batch.
func entriesOf(in map[string]any) (all []map[string]any) {
	list, _ := in["Entries"].([]any)
	for _, e := range list {
		all = append(all, e.(map[string]any))
	}
	return all
}

// pretend answers a batch or a single call as done, and does nothing.
func (x *exchange) pretend() {
	x.answer = map[string]any{}
	var well []any
	for _, e := range entriesOf(x.in) {
		well = append(well, map[string]any{"Id": e["Id"]})
	}
	if well != nil {
		x.answer["Successful"], x.answer["Failed"] = well, []any{}
	}
}

// every is true once in n times.
func (f *fault) every(n int, what string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen[what]++
	return f.seen[what]%n == 0
}

// forget is a tamper that answers these actions, once in n times, and does nothing.
func forget(n int, actions ...string) func(*fault, *exchange) {
	return func(f *fault, x *exchange) {
		if slices.Contains(actions, x.action) && f.every(n, "") {
			x.pretend()
		}
	}
}

// inReplies is a tamper that changes the messages of replies to receives.
func inReplies(change func(f *fault, all []map[string]any)) func(*fault, *exchange) {
	return func(f *fault, x *exchange) {
		if x.action == "ReceiveMessage" {
			if out := x.serve(x.in); out != nil {
				change(f, messagesOf(out))
				x.answer = out
			}
		}
	}
}

// attributes are the system attributes of a message in a reply.
func systemOf(m map[string]any) map[string]any {
	a, _ := m["Attributes"].(map[string]any)
	return a
}
