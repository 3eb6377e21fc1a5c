// Package wire is the two protocols of SQS as bytes: requests come in as AWS JSON
// 1.0 or as Query forms, replies go out as JSON or as XML. It knows how things are
// spelled, not what they mean: package api has the rules, package engine the queues,
// and nothing here knows HTTP.
//
// # Formats
//
// A request is either a JSON document (Decode..., Bind) or a Query form, which
// AppendForm rewrites as the JSON document an SDK would have sent, so that there is
// one decoder. A reply is written once, by a [Writer], and comes out as
//
//   - [JSON]: AWS JSON 1.0. The members of a result are those of an object, absent
//     ones are left out, maps are objects, a void action answers with zero bytes.
//   - [XML]: the Query protocol. A result stands in <XResponse><XResult> beside the
//     request's id; lists and maps are flattened, which is to say that each element
//     is repeated in place, without a wrapper.
//   - [QueryJSON]: what a Query request that accepts application/json gets: the
//     envelope of the XML, the members of the JSON, maps as lists of Name and Value,
//     and null for what is absent.
//
// Refusals are faults: a [Fault] has what the three formats say about one, and
// [FaultOf] finds it by the code of an *engine.Error.
//
// # Memory
//
// The hot calls (send, receive, delete, change visibility, and their batches) leave
// no garbage, and somebody has to own what they reuse:
//
//   - A decoder changes the document it is given, and the strings of its result are
//     views into it. The caller keeps the document alive and unchanged while it uses
//     them, and copies what is to stay. What Bind fills in are copies.
//   - Slices handed to a decoder are filled again in place; those it returns replace
//     them.
//   - A Writer owns the buffer it was given until Reset gives it another. What Bytes
//     returns is good until the next call of any method.
package wire
