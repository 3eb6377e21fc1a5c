package localqueue

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

// targetHeader names the action of a request in JSON, after target.
const (
	targetHeader = "X-Amz-Target"
	target       = "AmazonSQS."
)

// understand finds out which protocol the request speaks and which action it
// names, and leaves its members in x.doc as a JSON document.
func (x *exchange) understand() error {
	if x.format == wire.JSON {
		t := header(x.r, targetHeader)
		x.doc = x.body.bytes()
		x.name = strings.TrimPrefix(t, target)
		return x.look(t != x.name)
	}
	return x.understandForm()
}

// look finds the action of that name.
func (x *exchange) look(ok bool) error {
	a, known := routes[x.name]
	if ok && known {
		x.action = a
		return nil
	}
	name := x.name
	x.name = ""
	return engine.Errorf(codeInvalidAction, "The action %s is not valid for this endpoint.", name)
}

// Codes of requests that name no action there is. JSON tells an invalid action as
// UnknownOperationException.
const (
	codeInvalidAction = "InvalidAction"
	codeMissingAction = "MissingAction"
)

// understandForm reads a request of the Query protocol.
func (x *exchange) understandForm() error {
	form, err := x.form()
	if err != nil {
		return err
	}
	x.name = form.Get("Action")
	if x.name == "" {
		return x.noAction()
	}
	onQueue := strings.Trim(strings.TrimPrefix(x.r.URL.Path, x.s.http.path), "/") != ""
	if err := x.look(!onQueue || x.name != "CreateQueue" && x.name != "ListQueues"); err != nil {
		return err
	}
	if onQueue && !form.Has("QueueUrl") {
		form.Set("QueueUrl", x.r.URL.Path)
	}
	x.doc, err = wire.AppendForm(nil, x.name, form)
	return err
}

// maxParameters bounds a form. The largest that SQS can answer has about 400.
const maxParameters = 10_000

// form is the parameters in the URL and, of a POST, in the body, which win.
func (x *exchange) form() (url.Values, error) {
	if n := strings.Count(x.r.URL.RawQuery, "&") + bytes.Count(x.body.bytes(), []byte("&")); n >= maxParameters {
		return nil, engine.Errorf(wire.CodeMalformedInput, "The request has more than %d parameters.", maxParameters)
	}
	form, err := parseForm(x.r.URL.RawQuery)
	if err == nil && x.r.Method == http.MethodPost {
		var body url.Values
		body, err = parseForm(string(x.body.bytes()))
		for name, values := range body {
			form[name] = values
		}
	}
	if err != nil {
		return nil, engine.Errorf("MalformedQueryString", "The query string contains a syntax error: %v.", err)
	}
	return form, nil
}

// parseForm takes a semicolon for what it is, as signatures do.
func parseForm(s string) (url.Values, error) {
	return url.ParseQuery(strings.ReplaceAll(s, ";", "%3B"))
}

// noAction answers a request without an Action: what a browser shown a queue's
// URL, or a misguided client, gets.
func (x *exchange) noAction() error {
	if x.r.Method == http.MethodPost {
		return &engine.Error{Code: codeMissingAction, Message: "The request must contain the parameter Action."}
	}
	x.bare = true
	return &engine.Error{Code: codeInvalidAction}
}
