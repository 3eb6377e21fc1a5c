package wire_test

import (
	"encoding/json"

	"github.com/quayside-go/quayside/localqueue/internal/api"
)

// What a document means to each decoder, in terms of the reference.

// blobsIn reports whether there is any in a list of them.
func blobsIn(raw json.RawMessage) (found bool) {
	for _, m := range listOf(raw) {
		found = blobOf(m.value) != nil || found
	}
	return found
}

func attributesOf(raw json.RawMessage) (list []api.Attribute) {
	for _, m := range objectOf(raw) {
		if isNull(m.value) {
			continue
		}
		v := objectOf(m.value)
		a := api.Attribute{Name: m.name, Type: v.text("DataType"), String: v.text("StringValue"), Binary: lastOf(v, "BinaryValue", blobOf)}
		texts, blobs := v.texts("StringListValues"), lastOf(v, "BinaryListValues", blobsIn)
		a.Lists = len(texts) > 0 || blobs
		list = append(list, a)
	}
	return list
}

func (o object) send() api.Send {
	return api.Send{
		Body: o.text("MessageBody").S, Delay: o.integer("DelaySeconds"),
		Group: o.text("MessageGroupId"), Dedup: o.text("MessageDeduplicationId"),
		Attributes: lastOf(o, "MessageAttributes", attributesOf), System: lastOf(o, "MessageSystemAttributes", attributesOf),
	}
}

func (o object) change() api.Change {
	return api.Change{Handle: o.text("ReceiptHandle").S, Visibility: o.integer("VisibilityTimeout")}
}

func entriesOf[T any](o object, read func(object) T) []T {
	return lastOf(o, "Entries", func(raw json.RawMessage) (list []T) {
		for _, m := range listOf(raw) {
			if !isNull(m.value) {
				list = append(list, read(objectOf(m.value)))
			}
		}
		return list
	})
}

// bind is the reference for Bind.
func bind(o object) (b bound) {
	if t := o.text("S"); t.Set {
		b.S = &t.S
	}
	if n := o.integer("N"); n.Set {
		b.N = new(int32(n.N))
	}
	b.L = o.texts("L")
	b.M = lastOf(o, "M", mapOf)
	b.P = o.text("P").S
	return b
}

func mapOf(raw json.RawMessage) map[string]string {
	members := objectOf(raw)
	if members == nil {
		return nil
	}
	texts := map[string]string{}
	for _, m := range members {
		delete(texts, m.name)
		if t := textOf(m.value); t.Set {
			texts[m.name] = t.S
		}
	}
	return texts
}
