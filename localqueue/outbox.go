package localqueue

import (
	"encoding/hex"
	"sync"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// outbox is the scratch memory of one send or batch of sends, and what became of
// each entry. Whoever made it with newOutbox releases it.
type outbox struct {
	buf      []byte // the blobs, for the engine, which keeps a copy
	prepared []api.Prepared
	results  []sent       // one per entry; zero for those refused
	failed   []api.Failed // those
}

// sent answers a send, for every face of the server.
type sent struct {
	ok                      bool
	origin                  engine.Origin
	md5                     [16]byte
	attributeMD5, systemMD5 string
	sequence                uint64 // FIFO only
}

func (r *sent) sequenceNumber() string {
	if r.sequence == 0 {
		return ""
	}
	return api.SequenceNumber(r.sequence)
}

var outboxes = sync.Pool{New: func() any { return new(outbox) }}

// maxPooled is the size above which a buffer is not kept.
const maxPooled = 64 << 10

func newOutbox() *outbox { return outboxes.Get().(*outbox) }

func (o *outbox) release() {
	if cap(o.buf) > maxPooled {
		return
	}
	clear(o.prepared) // the strings in it are not ours to keep
	clear(o.results)
	clear(o.failed)
	outboxes.Put(o)
}

// enqueue hands what is prepared to the engine; entries without a blob were
// refused.
func (s *Server) enqueue(q *queue, o *outbox) error {
	room, err := s.admit(len(o.buf)+len(o.prepared)*costOfMessage, journal.Ordinary)
	if err != nil {
		return err
	}
	if err := q.lock(); err != nil {
		room.Release()
		return err
	}
	q.begin()
	at := s.now()
	o.results = o.results[:0]
	for i := range o.prepared {
		o.results = append(o.results, q.enqueue(at, &o.prepared[i]))
	}
	t := q.told(true)
	s.unlock(q)
	room.Release()
	return t.wait()
}

func (q *queue) enqueue(at engine.Time, p *api.Prepared) sent {
	if p.Message.Blob == nil {
		return sent{}
	}
	n := q.q.Messages.Send(at, &p.Message)
	if !n.Duplicate && !q.refused() {
		q.did.sent++
	}
	r := sent{
		ok: true, origin: engine.Origin{Queue: q.q.Number, Seq: n.Seq}, md5: p.Message.MD5,
		attributeMD5: p.AttributeMD5, systemMD5: p.SystemMD5,
	}
	if q.fifo {
		r.sequence = n.Seq
	}
	return r
}

// texts are the MessageId and the MD5 of what was sent, all parts of one string.
func (s *Server) texts(results []sent) []texts {
	const length = api.IDLength + 32
	buf := make([]byte, 0, length*len(results))
	for i := range results {
		buf = s.ident.AppendID(buf, results[i].origin)
		buf = hex.AppendEncode(buf, results[i].md5[:])
	}
	out, rest := make([]texts, len(results)), string(buf)
	for i := range out {
		out[i].id, out[i].md5, rest = rest[:api.IDLength], rest[api.IDLength:length], rest[length:]
	}
	return out
}
