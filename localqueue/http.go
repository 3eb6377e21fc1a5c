package localqueue

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/sigv4"
	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

// exchange is one HTTP request and its reply:
//
//	admitted ─▶ signer known ─▶ read ─▶ signature checked ─▶ understood ─▶ action ─▶ written ─▶ told to OnRequest
//
// A refusal at any stage goes straight to the writing. It belongs to the goroutine
// that serves the request. A long poll holds no more of it than its request.
type exchange struct {
	s       *Server
	w       http.ResponseWriter
	r       *http.Request
	started time.Time
	id      *requestID

	body   *buffer // as it came
	doc    []byte  // the request as a JSON document
	format wire.Format
	name   string // of the action
	action func(*exchange) error
	bare   bool // nothing was asked: the URL was merely looked at
	ns     namespace
	claim  sigv4.Claim // where signatures are checked
	queue  string      // as OnRequest is told

	out   wire.Writer
	reply *buffer // what out writes to; nil: nothing was written yet
	lend  lending // what to take back if the reply cannot be written

	status int
	code   string // of the refusal
	text   string // of it, for people
	err    error  // of the writing
}

var exchanges = sync.Pool{New: func() any { return new(exchange) }}

// lending is the messages that a reply hands out.
type lending struct {
	q       *queue
	b       *engine.Batch
	attempt bool // the receive had a ReceiveRequestAttemptId
}

// ServeHTTP answers both of SQS's protocols, AWS JSON 1.0 and Query, at the root and
// at the paths of queues.
// A QueueUrl in a reply begins with Options.PublicURL, or the scheme and Host that
// the request came to. A request belongs to the region of its signature or of the
// host name (sqs.REGION.localhost), and to the account of its Credential, or of a
// key id of twelve digits; else to those of Options.
//
// Messages of a reply that could not be written are visible again at once; their
// receives count.
//
// The http.Server sets the timeouts; none for reading or writing may be below 25
// seconds, or it would cut long polls short.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := exchanges.Get().(*exchange)
	*x = exchange{s: s, w: w, r: r, id: s.http.nextID(s.ident)}
	if s.opts.OnRequest != nil {
		x.started = time.Now()
	}
	defer x.finish()
	x.format = formatOf(r)
	if len(s.opts.Credentials) == 0 {
		if err := s.Admits(r); err != nil {
			x.refuse(&engine.Error{Code: wire.CodeAccessDenied, Message: err.Error()})
			return
		}
	}
	if s.cors(w, r) {
		x.write(http.StatusOK, nil)
		return
	}
	if err := x.serve(); err != nil {
		x.refuse(err)
		return
	}
	x.write(http.StatusOK, x.out.Bytes())
}

// serve has the action carried out; its reply stands in x.out.
func (x *exchange) serve() error {
	if err := x.identify(); err != nil { // before a stranger's body takes memory
		return err
	}
	if err := x.read(); err != nil {
		return err
	}
	if err := x.verify(); err != nil { // of the body as it came: decoding changes it
		return err
	}
	if err := x.understand(); err != nil {
		return err
	}
	if f := x.s.faults.Load(); f != nil {
		return x.underFaults(f)
	}
	return x.action(x)
}

// finish gives back what the exchange holds and tells OnRequest.
func (x *exchange) finish() {
	if x.s.opts.OnRequest != nil {
		x.tell()
	}
	putBatch(x.lend.b)
	if x.reply != nil {
		x.reply.b = x.out.Bytes() // it may have outgrown its buffer
	}
	x.body.release()
	if x.err == nil { // else HTTP/2 may be reading it still
		x.reply.release()
	}
	*x = exchange{}
	exchanges.Put(x)
}

// formatOf is the form in which the request wants its reply. JSON is spoken by POST.
func formatOf(r *http.Request) wire.Format {
	switch {
	case header(r, targetHeader) != "" && r.Method == http.MethodPost:
		return wire.JSON
	case strings.Contains(strings.ToLower(header(r, "Accept")), "application/json"):
		return wire.QueryJSON
	}
	return wire.XML
}

// face is what a Server keeps for its HTTP side.
type face struct {
	host     string                 // of PublicURL
	path     string                 // of PublicURL, as a proxy may leave it before a queue's
	admitted atomic.Pointer[string] // the Host last admitted
	ids      atomic.Uint64
	latest   atomic.Pointer[stamp] // the last one used
	verifier sigv4.Verifier
}

// stamp is the values of the Date header during a second.
type stamp struct {
	second int64
	header []string
}

// date is those of now. net/http would format the time anew for each reply.
func (f *face) date() []string {
	now := time.Now()
	s := f.latest.Load()
	if s == nil || s.second != now.Unix() {
		s = &stamp{now.Unix(), []string{now.UTC().Format(http.TimeFormat)}}
		f.latest.Store(s)
	}
	return s.header
}

// requestID is a request's id, together with the values of the header that tells it.
type requestID struct {
	text   [api.IDLength]byte
	header [1]string // text
}

// nextID makes a request id: a UUID, unlike any MessageId.
func (f *face) nextID(ident *api.Ident) *requestID {
	id := new(requestID)
	ident.AppendID(id.text[:0], engine.Origin{Seq: f.ids.Add(1)}) // no queue has number 0
	id.header[0] = unsafe.String(&id.text[0], len(id.text))       // nobody changes it anymore
	return id
}

func (id *requestID) String() string { return id.header[0] }
