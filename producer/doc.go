// Package producer sends messages to an Amazon SQS queue, several to a request
// where it can.
//
//	p := producer.New(sqs.NewFromConfig(cfg), "orders")
//	sent, err := p.Send(ctx, producer.JSON(Order{ID: "42"}))
//
// # Batches
//
// [Producer.Send] returns when SQS has answered, so a message that Send reports
// as sent is stored. Messages sent by several goroutines at once share requests.
// Up to four requests are under way to a standard queue, and one to a FIFO queue,
// so that messages of a group are stored in the order of their Sends. A message
// that finds fewer leaves at once; what arrives while all are under way is the
// next batch, of up to ten messages and 1 MiB. Nothing waits for company, and
// there is nothing to tune. Each caller gets the answer for its own message.
//
// So requests are as full as there is pressure. Of n goroutines that send to a
// standard queue, each waiting for its answers, about an eighth find themselves
// in one request: with 10 there are one or two messages in a request, with 32
// about four, and batches of ten fill with about a hundred.
//
// # Concurrency
//
// A Producer holds goroutines only while messages are waiting or under way: one
// for each request, at most four. [Producer.Close] waits for them.
package producer
