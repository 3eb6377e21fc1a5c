package localqueue

import "time"

// Defaults of Options.
const (
	DefaultRegion      = "us-east-1"
	DefaultAccount     = "000000000000"
	DefaultMaxInFlight = 120_000
)

// Options set up a Server. The zero value is SQS as documented.
type Options struct {
	// Region (lower-case letters, digits, hyphens) and Account (twelve digits) are
	// the namespace of calls that name no other. Calls of a server whose Options
	// name an impossible one fail and say so. Default: DefaultRegion, DefaultAccount.
	Region, Account string

	// MaxInFlight is how many messages of one queue may be received and not yet
	// deleted. Beyond it a short poll of a standard queue gets OverLimit, other
	// receives get nothing. Default, for 0 and less: DefaultMaxInFlight, as on SQS.
	// More than that is not to be had.
	MaxInFlight int

	// ThrottleFIFO applies SQS's throughput limits to FIFO queues: 300 calls per
	// second for each of send, receive and delete, or what the region has in
	// high-throughput mode; beyond, ThrottlingException. Default: no limit.
	ThrottleFIFO bool

	// NoCooldown lifts two rules that SQS answers with an error: that a queue's
	// name cannot be used again for 60 seconds after DeleteQueue, and that a queue
	// cannot be purged again for 60 seconds.
	NoCooldown bool

	// Faults are what goes wrong on purpose, until SetFaults says otherwise. Default:
	// nothing. Open returns what is wrong with them; calls of a Server made by New fail
	// and say so.
	Faults Faults

	// What follows concerns Open alone.

	// Sync says when what was written is brought to the disk. Default: SyncAlways.
	Sync SyncPolicy

	// SyncReceives has receives and changes of visibility on the disk before their
	// reply, too, under SyncAlways. Default: they are within 100 ms.
	SyncReceives bool

	// SegmentSize is how many bytes the files have that the log consists of, 2 MiB to
	// 1 GiB; four are there from the beginning. Each is a file that the process has
	// open, so that a backlog of n bytes takes about 2n/SegmentSize of them. Default: 64
	// MiB. It may be another one than before.
	SegmentSize int64

	// OnDamage, if set, is called for each message that was to be handed out and cannot
	// be read: a ReceiveMessage answers with the other messages that it took, and fails if
	// there are none. It comes again when its visibility timeout is over, and so does the
	// call. It is called by the goroutine that receives.
	OnDamage func(Damage)

	// What follows concerns ServeHTTP alone.

	// PublicURL is what the QueueUrls in replies begin with, such as
	// "http://queues.test:9324". Default: the scheme and Host of each request.
	PublicURL string

	// Credentials are the keys requests may be signed with (Signature Version 4).
	// With any, a request that is not signed by one of them is refused. Without,
	// signatures are not looked at, and requests that a foreign web page could have
	// made are refused instead: see AllowHosts and AllowOrigins.
	Credentials []Credential

	// AllowHosts are names that a request's Host may have without Credentials (and for
	// what Admits guards besides), "*" all. Allowed anyway: IP addresses, names without
	// a dot, those under .localhost and .internal, and that of PublicURL; none of these
	// can be bound to this server by a foreign web site.
	AllowHosts []string

	// AllowOrigins are the origins of the web pages that may use the server, such as
	// "http://localhost:3000", "*" for all; they get CORS headers. Default: pages of
	// the server's own origin alone.
	AllowOrigins []string

	// OnRequest, if set, is called after each HTTP request was answered, from the
	// request's goroutine.
	OnRequest func(Request)
}

// Credential is a key that HTTP requests may be signed with.
type Credential struct {
	AccessKeyID, SecretAccessKey string
	SessionToken                 string    // of temporary credentials, which requests must then carry
	Expires                      time.Time // zero: never
	// Account is whose queues its requests find by name. Default: AccessKeyID if that
	// is twelve digits, else Options.Account. Accounts keep names apart, not people: a
	// QueueUrl that names another account finds its queue.
	Account string
}

// options are the defaults with opts applied.
func options(opts []func(*Options)) (o Options) {
	for _, f := range opts {
		f(&o)
	}
	if o.Region == "" {
		o.Region = DefaultRegion
	}
	if o.Account == "" {
		o.Account = DefaultAccount
	}
	if o.MaxInFlight <= 0 || o.MaxInFlight > DefaultMaxInFlight {
		o.MaxInFlight = DefaultMaxInFlight
	}
	return o
}
