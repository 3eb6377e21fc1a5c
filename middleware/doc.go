// Package middleware holds policies for handlers of package worker, and what makes
// workers and producers visible: traces, metrics and logs.
//
//	trace := middleware.Trace()
//	h := worker.Chain(
//		trace.Handler,
//		middleware.Retry(),
//		middleware.Timeout(time.Minute),
//		middleware.Recover(),
//	)(worker.JSON(ship))
//	w := worker.New(client, "orders", h, trace.Worker)
//
// Each is a worker.Middleware, for a whole worker or for one route of a worker.Mux. What
// happens outside a handler (receives, deletes, lost leases) reaches [Tracing], [Metering]
// and [Logging] through worker.Options.Hook: their methods Worker and Producer are
// options for worker.New and producer.New, and leave a hook that is there in place.
//
// (An option that sets o.Hook itself has to come before them, or it takes their place.)
//
// # Order
//
// The first of a worker.Chain is the outermost. The order that works, of those that are
// wanted:
//
//	SNS, Payloads.Handler, Decompress, Joining.Handler
//	                  open the body for all that follows, in this order; what they refuse
//	                  gets no further
//	Tracing.Handler   its span covers whatever happens to the message
//	Logging.Handler   inside the span, so that log lines carry its id; sees the last word
//	DeadLetter        decides on the error that Retry lets through
//	Retry             repeats all that follows
//	Idempotent        a copy of a message that is done gets no further
//	Concurrency       waits for its turn, which should not eat into the Timeout
//	Timeout           for the handler alone
//	Recover           makes the handler's panic an error for all of the above
//	the handler
//
// Payloads.Handler, and Decompress behind it, may as well follow Idempotent, if that needs
// no Body: then failures of the store are traced, logged and tried again as those of the
// handler are, and a copy of a message that is done does not look for its object in vain.
// What comes before sees the pointer.
//
// [Joining].Handler makes one message of several: what comes before it meets each part, and
// what follows the whole, once. Compress works on each part, so Decompress comes before it.
//
// ExtendVisibility and BatchDelete set what the worker does with the message, and do not
// mind where they are: of several in one chain the innermost wins. (Behind a Joining,
// ExtendVisibility concerns the first part alone.)
//
// # Producers
//
// [Compress] is a producer.Middleware; [Tracing].Producer adds one. They are called in the
// order of producer.Options.Middleware: Compress first, then payload.Offload, which looks at
// what became of the body, and Tracing last, which makes do without an attribute if there is
// no room for one. The others could not: before Offload, Tracing might take the tenth
// attribute, and the message would not be sent.
//
// # Concurrency
//
// [Idempotent] has one goroutine for each handler that runs, which renews its claim and
// ends with it. [Payloads].Worker has up to 16 while there are objects to delete, which end
// before the worker's Run returns. [Joining] has a timer for each payload that waits for parts.
// Nothing else starts any. What the package returns may be used by many handlers at once.
package middleware
