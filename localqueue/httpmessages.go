package localqueue

import (
	"sync"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

// scratch is the memory of the requests of one kind, used again and again.
type scratch[T any] struct{ pool sync.Pool }

func (s *scratch[T]) get() *T {
	if t, ok := s.pool.Get().(*T); ok {
		return t
	}
	return new(T)
}

var (
	sends       scratch[api.Send]
	sendBatches scratch[[]api.Send]
	receives    scratch[api.Receive]
	changes     scratch[[]api.Change]
)

// traceHeader is stored with the messages that a request sends, but for those that have
// an AWSTraceHeader of their own.
const traceHeader = "X-Amzn-Trace-Id"

func (x *exchange) sendMessage() error {
	m := sends.get()
	defer sends.pool.Put(m)
	url, err := wire.DecodeSend(x.doc, m)
	if err != nil {
		return err
	}
	x.asks(url.S)
	m.Trace = header(x.r, traceHeader)
	o := newOutbox()
	defer o.release()
	if err := x.s.send(x.ns, pointer(&url), m, o); err != nil {
		return err
	}
	w := x.writer()
	w.Open()
	x.s.putSent(w, &o.results[0])
	w.Close()
	return nil
}

func (x *exchange) sendMessageBatch() error {
	b := sendBatches.get()
	defer sendBatches.pool.Put(b)
	entries, url, err := wire.DecodeSendBatch(x.doc, *b)
	*b = entries[:0]
	if err != nil {
		return err
	}
	x.asks(url.S)
	for i := range entries {
		entries[i].Trace = header(x.r, traceHeader)
	}
	o := newOutbox()
	defer o.release()
	if err := x.s.sendBatch(x.ns, pointer(&url), entries, o); err != nil {
		return err
	}
	w := x.writer()
	w.Open()
	if len(o.failed) == len(entries) {
		w.Absent("Successful")
	} else {
		w.OpenList("Successful", "SendMessageBatchResultEntry")
		for i := range o.results {
			if o.results[i].ok {
				w.OpenItem()
				w.Text("Id", entries[i].ID)
				x.s.putSent(w, &o.results[i])
				w.CloseItem()
			}
		}
		w.CloseList()
	}
	putFailed(w, o.failed)
	w.Close()
	return nil
}

func (x *exchange) receiveMessage() error {
	r := receives.get()
	defer receives.pool.Put(r)
	url, err := wire.DecodeReceive(x.doc, r)
	if err != nil {
		return err
	}
	x.asks(url.S)
	q, b, err := x.s.take(x.r.Context(), x.ns, pointer(&url), r)
	if err != nil {
		return err
	}
	x.lend = lending{q, b, r.Attempt.Set}
	x.putMessages(q, r, b)
	return nil
}

func (x *exchange) settle(a action) error {
	b := changes.get()
	defer changes.pool.Put(b)
	*b = append((*b)[:0], api.Change{})
	c := &(*b)[0]
	url, err := wire.DecodeChange(x.doc, c)
	if err != nil {
		return err
	}
	x.asks(url.S)
	if err := x.s.settle(x.ns, pointer(&url), a, c); err != nil {
		return err
	}
	x.writer().Void()
	return nil
}

func (x *exchange) settleBatch(a action) error {
	b := changes.get()
	defer changes.pool.Put(b)
	entries, url, err := wire.DecodeChangeBatch(x.doc, *b)
	*b = entries[:0]
	if err != nil {
		return err
	}
	x.asks(url.S)
	failed, err := x.s.settleBatch(x.ns, pointer(&url), a, entries)
	if err != nil {
		return err
	}
	element := "DeleteMessageBatchResultEntry"
	if a == changing {
		element = "ChangeMessageVisibilityBatchResultEntry"
	}
	w := x.writer()
	w.Open()
	if len(failed) == len(entries) {
		w.Absent("Successful")
	} else {
		w.OpenList("Successful", element)
		for id := range succeeded(entries, failed) {
			w.OpenItem()
			w.Text("Id", *id)
			w.CloseItem()
		}
		w.CloseList()
	}
	putFailed(w, failed)
	w.Close()
	return nil
}

// pointer is nil for an absent text.
func pointer(t *api.Text) *string {
	if !t.Set {
		return nil
	}
	return &t.S
}

// putSent writes what became of a message that was sent.
func (s *Server) putSent(w *wire.Writer, r *sent) {
	var id [api.IDLength]byte
	w.ASCII("MessageId", s.ident.AppendID(id[:0], r.origin))
	putMD5(w, "MD5OfMessageBody", &r.md5)
	w.Optional("MD5OfMessageAttributes", r.attributeMD5)
	w.Optional("MD5OfMessageSystemAttributes", r.systemMD5)
	w.Optional("SequenceNumber", r.sequenceNumber())
}

// putFailed writes the entries of a batch that were refused.
func putFailed(w *wire.Writer, failed []api.Failed) {
	if len(failed) == 0 {
		w.Absent("Failed")
		return
	}
	w.OpenList("Failed", "BatchResultErrorEntry")
	for i := range failed {
		w.OpenItem()
		w.Text("Id", failed[i].ID)
		w.Bool("SenderFault", !failed[i].Receiver)
		w.Text("Code", failed[i].Code)
		w.Text("Message", failed[i].Message)
		w.CloseItem()
	}
	w.CloseList()
}
