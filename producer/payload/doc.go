// Package payload sends what is too large for SQS: the body goes to a [Store], an S3
// bucket say, and a pointer to it goes into the message.
//
//	store := s3.New(client, "my-bucket") // of payload/s3
//	p := producer.New(q, "orders", func(o *producer.Options) {
//		o.Middleware = append(o.Middleware, payload.Offload(store))
//	})
//
// middleware.Payload is the other end: handlers see the body as it was sent. [SendAll] is for
// many messages that together are too large for the requests they would share.
//
// # Without a store
//
// [SendSegments] cuts a body and sends it in several messages, which middleware.Segments
// joins. Nothing but the queue is needed, and nothing stays behind anywhere else. It is for
// payloads of a few MiB, or some tens, on a standard queue with one worker process or a few.
// Where there is a store, [Offload] is better:
//
//   - A part is a message of up to 1 MiB: a request to send it, of which SQS bills each 64 KiB as
//     one, and its share of receives, deletes and extensions, whatever the store would have
//     cost. 20 MiB are 22 parts, and about 320 billed requests to send and as many to receive.
//   - All parts must be in the hands of one process at the same time, each with a permit: they
//     take up worker.Options.Concurrency, and memory for twice the payload.
//   - Several processes pass parts back and forth until one has all. Each time costs a
//     receive, which maxReceiveCount has to allow for.
//   - A part that is lost, as in a send that failed halfway, leaves others that nobody can use.
//   - A FIFO queue cannot carry it.
//
// # Format
//
// Pointer and attribute are those of the Amazon SQS Extended Client Library for Java and
// for Python, which can read what [Offload] sends, and the other way about. A message of
// theirs has as its body
//
//	["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"my-bucket","s3Key":"0f1d..."}]
//
// and the message attribute [Attribute] or [LegacyAttribute], a Number: how many bytes the
// body had. It is by the attribute that a reader knows such a message.
//
// # What stays behind
//
// An object is written before its message is sent, and deleted, if at all, after its
// message. So nobody finds a message without its body, but bodies can stay behind: of a
// message of which it is not known whether it was sent, that SQS took for a duplicate,
// that nobody has handled within the queue's retention period or that was purged, and of
// deletes that failed. Have the bucket delete objects itself once they are older than the
// retention period of the queue and of its dead-letter queue together (an S3 lifecycle
// rule, the time to live of DynamoDB).
package payload
