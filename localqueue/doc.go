// Package localqueue is Amazon SQS in this process: all 23 actions, standard and
// FIFO queues, with SQS's rules, errors and texts.
//
// A *Server has a method per action in the shape of *sqs.Client, so whatever
// takes an interface over that client (worker and producer of this module among
// them) runs over either:
//
//	q := localqueue.New()
//	defer q.Close()
//	q.MustCreate("orders -> orders-dlq")
//	_, err := q.SendMessage(ctx, &sqs.SendMessageInput{
//		QueueUrl:    aws.String("orders"),
//		MessageBody: aws.String("hello"),
//	})
//
// The same value is an http.Handler that speaks both of SQS's protocols, AWS JSON
// 1.0 and Query, to any AWS SDK in any language:
//
//	server := httptest.NewServer(q)
//	client := sqs.New(sqs.Options{BaseEndpoint: &server.URL, HTTPClient: sqshttp.New(), ...})
//
// The command quayside serve is that handler with a port, metrics and a file of
// queues.
//
// # What differs from SQS
//
// Where SQS is unpredictable a Server is exact, unless Faults say otherwise. What passes
// here passes there, but for timing:
//
//	                       SQS                              here
//	order on standard      best effort                      as sent; a message that comes back keeps its place
//	duplicates             possible                         none
//	short polls            may miss messages                find every message
//	counts                 approximate, late                exact, at once
//	attributes changed     in force within 60 s (15 min     at once; DeduplicationScope after 60 s, as observed
//	                       for retention)
//	DeleteQueue, Purge     take up to 60 s                  take effect at once; the errors of the 60 seconds
//	                                                        after them are kept (Options.NoCooldown lifts them)
//	delete, old handle     may not delete                   deletes
//	move tasks             cancelled with a delay           cancelled at once
//	policies               evaluated                        stored and edited, not evaluated
//	attributes' lengths    limited, not documented          KmsMasterKeyId 2048 bytes, RedriveAllowPolicy 8192
//	KMS                    encrypts                         stored, nothing is encrypted
//	throughput of FIFO     limited                          not limited, unless Options.ThrottleFIFO
//
// A QueueUrl may be a queue's bare name. If a dead-letter queue was deleted, its
// sources go on handing their messages out.
//
// # Faults
//
// A handler that passes here should pass there, so what SQS and networks do wrong now and
// then can be had on demand, seeded: Options.Faults, or Server.SetFaults at any time. The
// rates are per what the table says; the constants say more.
//
//	kind           per                   on         what happens
//	Slow           call                  all        it takes longer
//	LostRequest    call                  all        the connection breaks, nothing was done
//	Throttled      call                  all        ThrottlingException or RequestThrottled
//	ServerError    call                  all        InternalFailure or ServiceUnavailable
//	LostReply      call                  all        the connection breaks, all was done
//	PartialBatch   entry of a batch      all        it fails with InternalError
//	Duplicate      message and receive   standard   it is delivered again while it is in flight
//	Reorder        ReceiveMessage        standard   messages come out of order
//	FalseEmpty     receive, no waiting   standard   it finds nothing
//	SlowDelete     message and receive   standard   the delete takes effect later, or not at all
//	StaleDelete    message and receive   standard   a delete by an older handle does nothing
//
// # Over HTTP
//
// Both protocols decode into the same requests, and one table has what each action
// does. In process a zero of the SDK's plain integers is read as absent, which is
// what *sqs.Client makes of it; over HTTP what was sent counts, and a
// VisibilityTimeout of 0 is one.
//
// A request goes to the region of its signature's scope and the account of its key
// (Options.Credentials; a key id of twelve digits names its account), and to the
// queue of its QueueUrl, whose last two path segments are account and name. Without
// Options.Credentials a signature is not checked, and requests that a web page of a
// foreign site could have made are refused.
//
// A client that hangs up while it waits is handed no message. A reply that could not
// be written gives its messages back: they are visible again at once, with the
// receive counted. (A reply that the system took and the network lost does not; the
// visibility timeout is for that.)
//
// Bodies are bounded to 16 MiB, which holds the largest batch whatever its escapes.
// Connections, headers and slow senders are bounded by the http.Server.
//
// # On disk
//
// New keeps everything in memory, Open in a directory:
//
//	q, err := localqueue.Open("queues")
//
// What was answered is there after a restart, however the last one ended: queues with
// their attributes, tags and policies, messages, receipt handles, deduplication ids,
// ReceiveRequestAttemptIds, sequence numbers, move tasks. Options.Sync says what a
// power failure may cost:
//
//	              end of the process   power failure
//	SyncAlways    loses nothing        loses nothing; a receive or a change of visibility of
//	                                   the last 100 ms may be undone (not with SyncReceives)
//	SyncInterval  loses nothing        may lose the last interval
//	SyncNever     loses nothing        may lose anything since the last segment was dropped
//
// A message is handed out only once its send is as safe as that. What fairness knows of
// tenants begins anew.
//
// Everything is written to one log (internal/journal has its layout); messages are read
// from it when they are received, and segments that nothing needs any more are given
// back or written again. If a write or a sync fails the server stops: every later call
// returns the error, and opening it again finds what was answered. A full disk does not
// stop it: sends fail with ErrFull, receives and deletes go on in room that is kept back
// for them, and everything does once they, or somebody else, have made some. Over HTTP
// that is ServiceUnavailable, which SDKs try again. A message that cannot be read is left
// out of the reply, and Options.OnDamage is told of it.
//
// # Time
//
// A Server uses package time and nothing else, so that in a testing/synctest
// bubble 14 days of retention pass in milliseconds. Deadlines are exact to the
// nanosecond, and a timeout of n seconds is over at n.
//
// # Memory
//
// In memory a message costs about 96 bytes beside its body and attributes, and 18 more while
// it is delayed or in flight; no object of its own, so that the garbage collector
// does not see how many there are. A message group costs about 115 bytes (a tenant
// of a standard queue 200, until ten minutes after its last message), a
// deduplication id about 100 for its five minutes. (The engine's BenchmarkFootprint
// and BenchmarkResident print these.) A queue gives memory back as it drains. Of a
// deleted queue its name stays.
//
// # Concurrency
//
// Each queue has one lock, held for the memory work of a call and never while
// anything waits. Receivers that wait are served directly by the call that makes
// a message deliverable, the longest waiting first. A receiver whose context
// ended is not handed a message.
//
// On disk a call waits, without a lock, until its record is written or synced; who
// arrives meanwhile shares the next sync.
//
// Goroutines: none while nothing is due, but those of the http.Server, one for each
// connection. A queue where somebody waits, or from which a move task runs, has one timer,
// and so has each delete that a fault put off; it runs briefly in a goroutine of its own
// each time it goes off. A durable server has four more: three of the log, and one that
// gives back room (clean.go). Close stops the timers and waits for all of these.
package localqueue
