package localqueue

import (
	"encoding/hex"
	"unsafe"

	"github.com/quayside-go/quayside/localqueue/internal/api"
	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/wire"
)

// putMessages writes what a receive took, straight from the batch.
func (x *exchange) putMessages(q *queue, r *api.Receive, b *engine.Batch) {
	x.reply = newBuffer(b.Length() + 512*len(b.Deliveries))
	w := x.writer()
	list := "Messages"
	if x.format == wire.QueryJSON {
		list = "messages" // SQS spells it so
	}
	w.Open()
	if len(b.Deliveries) == 0 {
		w.Absent(list)
	} else {
		w.OpenList(list, "Message")
		want := api.ParseSystem(r.SystemAttributes)
		for i := range b.Deliveries {
			w.OpenItem()
			x.putMessage(q, &b.Deliveries[i], want, r.Attributes)
			w.CloseItem()
		}
		w.CloseList()
	}
	w.Close()
}

func (x *exchange) putMessage(q *queue, d *engine.Delivery, want api.System, filters []string) {
	w, ident := &x.out, x.s.ident
	blob := unsafe.String(unsafe.SliceData(d.Blob), len(d.Blob)) // the batch outlives the reply
	c := api.DecodeContent(blob, len(filters) > 0)
	var buf [max(api.IDLength, api.HandleLength)]byte
	w.ASCII("MessageId", ident.AppendID(buf[:0], d.Origin))
	w.ASCII("ReceiptHandle", ident.AppendHandle(buf[:0], d.Handle))
	putMD5(w, "MD5OfBody", &d.MD5)
	w.Text("Body", c.Body)
	if has := q.has(want, d, &c); has != 0 {
		w.OpenPairs("Attributes", "Attribute")
		x.s.putSystem(w, q, has, d, &c)
		w.ClosePairs()
	} else {
		w.Absent("Attributes")
	}
	putWanted(w, filters, c.Attributes)
}

// putWanted writes the message attributes that the filters let through, with
// their checksum.
func putWanted(w *wire.Writer, filters []string, all []api.Attribute) {
	kept := api.Filter(filters, all)
	if len(kept) == 0 {
		w.Absent("MD5OfMessageAttributes")
		w.Absent("MessageAttributes")
		return
	}
	w.Text("MD5OfMessageAttributes", api.MD5OfAttributes(kept))
	w.OpenEntries("MessageAttributes", "MessageAttribute")
	for i := range kept {
		a := &kept[i]
		w.OpenEntry(a.Name)
		if a.String.Set {
			w.Text("StringValue", a.String.S)
		} else {
			w.Binary("BinaryValue", a.Binary)
		}
		w.Text("DataType", a.Type.S)
		w.CloseEntry()
	}
	w.CloseEntries()
}

func putMD5(w *wire.Writer, name string, sum *[16]byte) {
	var text [32]byte
	hex.Encode(text[:], sum[:])
	w.ASCII(name, text[:])
}
