package engine

import "time"

// Time is nanoseconds since the Unix epoch. Transitions are handed it and read
// no clock; within a queue it never runs backwards (an earlier one is read as
// the latest seen).
type Time = int64

// Never is later than every deadline.
const Never Time = 1<<63 - 1

// Limits of SQS that the rules of messages rest on.
const (
	MaxVisibility = 12 * time.Hour
	DedupWindow   = 5 * time.Minute
	AttemptWindow = 5 * time.Minute
	QuietAfter    = 5 * time.Minute // a noisy tenant that sends nothing for so long is quiet again
	ShareWindow   = 5 * time.Minute // "recent" processing time is this window and the one before
	NoisyFloor    = 30              // messages in flight (or received recently) before a tenant can be noisy
	ScopeDelay    = 60 * time.Second
)

// Settings are those attributes of a queue that its messages obey.
type Settings struct {
	FIFO        bool
	Delay       time.Duration // for messages that bring none; on FIFO for all, waiting ones included
	Retention   time.Duration
	MaxReceives uint32 // the redrive policy's maxReceiveCount; 0 when there is none
	MaxInFlight int
	GroupScope  bool // deduplicate within a message group instead of within the queue
	Window      int  // FIFO: how many of the oldest undeleted messages a receive looks at; 0: all
}

// Message is what a send fixes for ever. Blob is opaque here (body and
// attributes as the API encodes them); it is copied, never kept.
type Message struct {
	Blob  []byte
	MD5   [16]byte      // of the body
	Group string        // message group; on a standard queue the tenant, or ""
	Dedup string        // FIFO only: explicit or content-based deduplication id
	Delay time.Duration // standard only: this message's own delay; negative: the queue's
}

// Origin says which queue numbered a message, and how. Its MessageId derives from it.
type Origin struct {
	Queue uint32
	Seq   uint64
}

// Handle is what a receipt handle says: the receive of a message that it came from.
type Handle struct {
	Queue   uint32
	Slot    uint32 // where the message lay: a hint, checked against Seq
	Seq     uint64
	Receive uint32 // its number among the receives of the message, from 1
	At      Time   // when
}

// Delivery is one message of a reply. Blob is valid until its Batch is reused. Where
// contents are on disk Blob and MD5 are empty, and Home says where they stand.
type Delivery struct {
	Handle   Handle
	Origin   Origin
	Source   uint32 // the queue whose redrive policy moved it here; 0: none
	Sent     Time
	First    Time // first receive, exact to the millisecond
	Receives uint32
	MD5      [16]byte
	Blob     []byte
	Home     Place
	Group    []byte // filled by Take alone; as Blob
}

// Receive is a request for messages.
type Receive struct {
	Max        int // 1-10
	Visibility time.Duration
	Attempt    string // FIFO only: ReceiveRequestAttemptId, or ""
}

// Moved is a message on its way from one queue to another by a redrive policy.
type Moved struct {
	Message
	Origin   Origin
	Source   uint32 // the queue it leaves
	Sent     Time
	First    Time
	Receives uint32
	Home     Place // of the content, if it is on disk; Blob and MD5 are empty then
}

// Sent answers a send.
type Sent struct {
	Seq       uint64 // of the message, or of the one it duplicates
	Duplicate bool   // nothing was enqueued
}

// Counts are exact at the instant they were taken.
type Counts struct {
	Visible, InFlight, Delayed int
}

// Verdict is what became of a request that names a receipt handle.
type Verdict uint8

const (
	Done        Verdict = iota // it took effect
	Gone                       // the message exists no more
	Expired                    // the handle is too old: 12 hours, or on FIFO no longer in flight by this receive
	BeyondLimit                // 12 hours since the receive would be passed
)
