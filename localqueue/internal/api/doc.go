// Package api is SQS's message requests as they arrive, and the rules they obey
// before a queue is asked: which texts, attributes, identifiers and sizes are
// legal, what the checksums are, and what a receipt handle and a MessageId look
// like. Every face of the server fills these requests in: the SDK-shaped methods
// from the SDK's inputs, a wire protocol from bytes. Unlike the SDK's inputs they
// tell an absent number from an explicit 0.
//
// Errors are *engine.Error with SQS's own codes and texts.
package api

// Int is a number that may be absent.
type Int struct {
	N   int
	Set bool
}

// Or is the number, or def where it is absent.
func (i Int) Or(def int) int {
	if i.Set {
		return i.N
	}
	return def
}

// Num is a present number.
func Num(n int) Int { return Int{n, true} }

// Text is a string that may be absent.
type Text struct {
	S   string
	Set bool
}

// Attribute is a message attribute or message system attribute of a send.
type Attribute struct {
	Name   string
	Type   Text   // DataType, with its label
	String Text   // StringValue
	Binary []byte // BinaryValue; nil: absent
	Lists  bool   // a list value was sent
}

// Send is SendMessage, or an entry of SendMessageBatch.
type Send struct {
	ID         string // of a batch entry
	Body       string
	Attributes []Attribute
	System     []Attribute
	Delay      Int
	Group      Text
	Dedup      Text
	Trace      string // of the request, as HTTP carries it; System's comes first
}

// Receive is ReceiveMessage.
type Receive struct {
	Max              Int
	Visibility       Int
	Wait             Int
	Attempt          Text
	SystemAttributes []string // AttributeNames and MessageSystemAttributeNames together
	Attributes       []string // MessageAttributeNames
}

// Change is ChangeMessageVisibility, or an entry of its batch. Delete leaves
// Visibility out.
type Change struct {
	ID         string
	Handle     string
	Visibility Int
}
