// Package producer sends messages to an Amazon SQS queue, several to a request
// where it can.
//
//	p := producer.New(sqs.NewFromConfig(cfg), "orders")
//	sent, err := p.Send(ctx, producer.JSON(Order{ID: "42"}))
//
// # Batches
//
// [Producer.Send] returns when SQS has answered, so a message that Send reports
// as sent is stored. Messages sent by several goroutines at once share requests:
// a message that finds no request under way leaves at once, and what arrives
// while requests are under way is the next batch, of up to ten messages and
// 1 MiB. Nothing waits for company, and there is nothing to tune. Each caller
// gets the answer for its own message.
//
// Up to four requests are under way to a standard queue, and one to a FIFO queue,
// so that messages of a group are stored in the order of their Sends.
//
// # Concurrency
//
// A Producer holds goroutines only while messages are waiting or under way: one
// for each request, at most four. [Producer.Close] waits for them.
package producer
