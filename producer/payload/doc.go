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
