// Package attr holds what worker and producer must agree on without knowing
// each other: the names Quayside puts on the wire, how a queue is named, found and
// reported missing, which region an address names, and what SQS's error codes mean.
package attr

// Type is the message attribute that carries a message's type: a String, set
// by producer.Message.Type and read into worker.Message.Type. Any program that
// sets or reads this attribute can take part.
//
// SQS allows letters, digits, '_', '-' and '.' in attribute names and keeps the
// prefixes "AWS." and "Amazon." to itself. A message has room for ten
// attributes; the type takes one of them only when it is set.
const Type = "Quayside.Type"

// DeadLetter is the message attribute of a copy that a worker has sent to a
// dead-letter queue itself: a String that says, as JSON, where it is from and why.
const DeadLetter = "Quayside.DeadLetter"

// Codec is the message attribute that names what a body was compressed with: a
// String. "gzip" is the only one so far: the body is the base64 of a gzip stream.
const Codec = "Quayside.Codec"

// Segment is the message attribute of a part of a payload that was sent in several
// messages: a String that says, as JSON, which part of which payload it is.
const Segment = "Quayside.Segment"

// BodyID begins the deduplication ids that producer/payload makes of bodies, as SQS would
// have, had the bodies not gone elsewhere. They are not ids of the sender's own.
const BodyID = "Quayside.Body."

// MaxAttributes is how many message attributes a message may have.
const MaxAttributes = 10
