// Package producer sends messages to an Amazon SQS queue, several to a request
// where it can.
//
//	p := producer.New(sqs.NewFromConfig(cfg), "orders")
//	sent, err := p.Send(ctx, producer.JSON(Order{ID: "42"}))
//
// # Three ways
//
// [Producer.Send] returns when SQS has answered, so a message that Send reports
// as sent is stored. [Producer.SendAll] does so for many messages, with a result for each.
// [Producer.SendAsync] returns at once, and [Pending.Wait] when SQS has answered;
// [Producer.Close] waits for what is pending. All three share requests with each other.
//
// # Batches
//
// Requests hold up to ten messages and 1 MiB, which is what SQS takes, counted as SQS
// does: bodies, and names, types and values of attributes. Up to 16 requests
// (Options.Concurrency) are under way at once. A message that finds none under way leaves
// at once. Otherwise it leaves as soon as ten are waiting, or when no request is under way
// any more, or when the latest has been for 20 ms, as one that hangs is. So nothing waits for
// company without need, and requests are full under load: those of 64 goroutines that each
// wait for the answer before they send again hold ten messages. Options.Linger has messages
// wait for company in any case.
//
// SQS refuses some requests as a whole for what is wrong with one message, and so may a
// proxy. Then each of the messages is sent alone, so that nobody gets an error made by
// somebody else's, and the request is none of their tries. A
// message that SQS would refuse whatever the settings of the queue never gets there: it
// is refused at once, by an error that says what is wrong with it. What depends on the
// queue, its MaximumMessageSize for one, is left to SQS, and no permission is needed to
// read it.
//
// # Order
//
// On a FIFO queue messages of a group are stored in the order of the calls. Several
// messages of a group share a request, and those behind them wait until it is answered;
// requests with other groups go on meanwhile. A message that is given up or refused does
// not hold back those behind it.
//
// # Tries
//
// What fails and may pass, throttling, a lost connection, a failure of SQS, of a request
// or of single entries in it, is tried again: only the messages concerned, unchanged, after
// a backoff of up to 100 ms, doubled each time to 10 s at most, with jitter, until their
// contexts end, and in at most six requests each (Options.Tries). A request ends after 30 s
// without an answer. The SDK's own retries are switched off, so that each try is one event
// for the hook. While SQS throttles, or when nothing gets through, all requests wait: then
// it can take minutes until what is waiting is given up, unless a context says for how long.
//
// If no answer came, the message may be stored already. A FIFO queue knows it again by its
// deduplication id, or by its content, and stores it once; messages that may be stored are
// tried again only while it remembers them, for four of its five minutes. A standard queue may store it again with each
// such try: consumers of standard queues have to expect duplicates anyway. With Tries at 1
// nothing is stored twice by the producer, and callers have to decide.
//
// On a FIFO queue a message is not tried again if one of its group that was behind it in
// the same request is stored: its caller gets the error. (If such a reply is lost, so that
// nobody knows what it said, the next try of the request may put the message behind the
// other.)
//
// # Bounds
//
// A producer has at most 1,000 messages and 64 MiB at once, waiting or under way
// (Options.MaxPending, MaxPendingBytes). Calls that bring more wait for room, in their
// order, until their contexts end. A message whose context ends is not sent, unless a
// request has it; the error's text says which: "not sent", or "may have been sent".
//
// # Concurrency
//
// A Producer holds goroutines only while messages are waiting or under way: one
// for each request, and a timer while something waits for its time. [Producer.Close] waits
// for them. A Send that finds nothing waiting and nothing under way makes its request
// itself, unless it is for a FIFO queue and its context may end: what SQS may be storing is
// waited for.
package producer
