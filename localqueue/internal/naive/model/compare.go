package model

import (
	"fmt"
	"strings"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// delivery is an engine.Delivery as far as implementations must agree: not the
// slot of the handle, and the first receive to the millisecond.
type delivery struct {
	handle   engine.Handle
	origin   engine.Origin
	source   uint32
	sent     engine.Time
	first    int64
	receives uint32
	md5      [16]byte
	blob     string
}

func seen(d engine.Delivery, taken bool) delivery {
	d.Handle.Slot = 0
	if taken { // no receive, so the handle says only which message it was
		d.Handle.Receive, d.Handle.At = 0, 0
	}
	return delivery{d.Handle, d.Origin, d.Source, d.Sent, d.First / int64(time.Millisecond), d.Receives, d.MD5, string(d.Blob)}
}

func (d delivery) String() string {
	return fmt.Sprintf("[%q %s at %v, origin %d/%d source %d sent %v first %v receives %d md5 %x]",
		d.blob, name(d.handle), since(d.handle.At), d.origin.Queue, d.origin.Seq, d.source, since(d.sent),
		since(d.first*int64(time.Millisecond)), d.receives, d.md5[:3])
}

// deliveries compares what p's batches hold.
func (r *run) deliveries(p *pair, taken bool) {
	line := &r.log[len(r.log)-1]
	for i := range max(len(p.outA.Deliveries), len(p.outB.Deliveries)) {
		if i >= len(p.outA.Deliveries) || i >= len(p.outB.Deliveries) {
			r.fail("a delivers\n%s\nb delivers\n%s", list(p.outA, taken), list(p.outB, taken))
		}
		a, b := seen(p.outA.Deliveries[i], taken), seen(p.outB.Deliveries[i], taken)
		if a != b {
			r.fail("a delivers\n%s\nb delivers\n%s", list(p.outA, taken), list(p.outB, taken))
		}
		*line += fmt.Sprintf(" %q=%s", a.blob, name(a.handle))
	}
}

func list(out engine.Batch, taken bool) string {
	var b strings.Builder
	for _, d := range out.Deliveries {
		fmt.Fprintf(&b, "\t%v\n", seen(d, taken))
	}
	return b.String()
}

// name is how the log calls a handle: message and receive.
func name(h engine.Handle) string { return fmt.Sprintf("%d#%d", h.Seq, h.Receive) }

// since is how the log writes an instant.
func since(t engine.Time) string {
	switch t {
	case 0:
		return "0"
	case engine.Never:
		return "never"
	}
	return time.Duration(t - start).String()
}

func verdict(v engine.Verdict) string {
	names := []string{"done", "gone", "expired", "beyond limit"}
	if int(v) < len(names) {
		return names[v]
	}
	return fmt.Sprintf("verdict %d", v)
}
