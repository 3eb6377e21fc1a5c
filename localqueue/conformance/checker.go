package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// A checker plays one case: it makes queues, calls the backend and compares.
type checker struct {
	*testing.T
	client Client
	ctx    context.Context
	opts   Options
	prefix string
	trace  *trace
}

func newChecker(t *testing.T, client Client, o Options, number int) *checker {
	tr := &trace{start: time.Now()}
	c := &checker{T: t, client: traced{client, tr}, ctx: t.Context(), opts: o, trace: tr}
	if o.Prefix != "" {
		c.prefix = fmt.Sprintf("%s-%d-", o.Prefix, number)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("calls of this case, with the time since its start:\n%s", tr)
		}
	})
	return c
}

// has reports whether the backend has the trait.
func (c *checker) has(t Trait) bool { return c.opts.Without&t == 0 }

// emulated is for texts that no recording confirms: on SQS itself any text will do.
func (c *checker) emulated(text string) string {
	if c.has(Emulated) {
		return text
	}
	return ""
}

// sleep lets d pass, and whatever the backend does at that instant.
func (c *checker) sleep(d time.Duration) {
	time.Sleep(d)
	if c.has(Virtual) {
		synctest.Wait()
	}
}

// do fails the case if a call that must succeed did not.
func (c *checker) do(err error) {
	c.Helper()
	if err != nil {
		c.Fatalf("%s\nwant success, got %v", c.trace.last(), err)
	}
}

// ok is do for a call with a result.
func ok[O any](c *checker, out O, err error) O {
	c.Helper()
	c.do(err)
	return out
}

// equal compares a value named what.
func equal[T comparable](c *checker, what string, got, want T) {
	c.Helper()
	if got != want {
		c.Errorf("%s\n%s: got %#v, want %#v", c.trace.last(), what, got, want)
	}
}

// The Query codes by which clients know errors.
const (
	nonExistentQueue     = "AWS.SimpleQueueService.NonExistentQueue"
	queueAlreadyExists   = "QueueAlreadyExists"
	queueDeletedRecently = "AWS.SimpleQueueService.QueueDeletedRecently"
	purgeInProgress      = "AWS.SimpleQueueService.PurgeQueueInProgress"
	invalidParameter     = "InvalidParameterValue"
	missingParameter     = "MissingParameter"
	invalidAttributeName = "InvalidAttributeName"
	invalidAttribute     = "InvalidAttributeValue"
	invalidContents      = "InvalidMessageContents"
	invalidHandle        = "ReceiptHandleIsInvalid"
	notFound             = "ResourceNotFoundException"
	overLimit            = "OverLimit"
	unsupported          = "AWS.SimpleQueueService.UnsupportedOperation"
	emptyBatch           = "AWS.SimpleQueueService.EmptyBatchRequest"
	tooManyEntries       = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"
	invalidEntryID       = "AWS.SimpleQueueService.InvalidBatchEntryId"
	idsNotDistinct       = "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"
	batchTooLong         = "AWS.SimpleQueueService.BatchRequestTooLong"
)

const (
	noSuchQueue      = "The specified queue does not exist."
	noSuchQueueQuery = "The specified queue does not exist for this wsdl version."
	wrongQueueType   = "The request include parameter that is not valid for this queue type."
)

// shapes tells which SDK type a modelled error must have; all others are generic.
var shapes = map[string]func(error) bool{
	nonExistentQueue:     is[*types.QueueDoesNotExist],
	queueAlreadyExists:   is[*types.QueueNameExists],
	queueDeletedRecently: is[*types.QueueDeletedRecently],
	purgeInProgress:      is[*types.PurgeQueueInProgress],
	invalidAttributeName: is[*types.InvalidAttributeName],
	invalidAttribute:     is[*types.InvalidAttributeValue],
	invalidContents:      is[*types.InvalidMessageContents],
	invalidHandle:        is[*types.ReceiptHandleIsInvalid],
	notFound:             is[*types.ResourceNotFoundException],
	overLimit:            is[*types.OverLimit],
	unsupported:          is[*types.UnsupportedOperation],
	emptyBatch:           is[*types.EmptyBatchRequest],
	tooManyEntries:       is[*types.TooManyEntriesInBatchRequest],
	invalidEntryID:       is[*types.InvalidBatchEntryId],
	idsNotDistinct:       is[*types.BatchEntryIdsNotDistinct],
	batchTooLong:         is[*types.BatchRequestTooLong],
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

// wantError checks code, text and SDK type of an error. An empty text stands for
// any text, one that ends in an ellipsis for any text that begins like it.
func (c *checker) wantError(err error, code, text string) {
	c.Helper()
	if text == noSuchQueue && c.opts.Query {
		text = noSuchQueueQuery
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		c.Errorf("%s\nwant error %s: %s\n got %v (%T)", c.trace.last(), code, quote(text), err, err)
		return
	}
	start, open := strings.CutSuffix(text, "...")
	same := text == "" || api.ErrorMessage() == text || open && strings.HasPrefix(api.ErrorMessage(), start)
	if api.ErrorCode() != code || !same {
		c.Errorf("%s\nwant error %s: %s\n got error %s: %s", c.trace.last(), code, quote(text), api.ErrorCode(), quote(api.ErrorMessage()))
	}
	shape := shapes[code]
	if shape == nil {
		shape = is[*smithy.GenericAPIError]
	}
	if !shape(err) {
		c.Errorf("%s\nerror %s has the Go type %T, not the one the SDK decodes it to", c.trace.last(), code, err)
	}
}

// wantRefused checks that a request failed with some error of the service,
// where the reference gives a limit but no code.
func (c *checker) wantRefused(err error) {
	c.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		c.Errorf("%s\nwant an error of the service, got %v (%T)", c.trace.last(), err, err)
	}
}

// name makes a name of this case, unique where cases share an account.
func (c *checker) name(s string) string { return c.prefix + s }

// A queue is one queue of the case and the receive options used with it.
type queue struct {
	c       *checker
	name    string
	url     string
	fifo    bool
	options []receiveOption
}

// queue makes a queue. Attributes come as name, value, name, value. A name that
// ends in .fifo makes a FIFO queue.
func (c *checker) queue(name string, attributes ...string) *queue {
	c.Helper()
	q, err := c.tryQueue(name, attributes...)
	c.do(err)
	return q
}

// fifo makes a FIFO queue with content-based deduplication; name lacks the suffix.
func (c *checker) fifo(name string, attributes ...string) *queue {
	c.Helper()
	return c.queue(name+".fifo", append([]string{"ContentBasedDeduplication", "true"}, attributes...)...)
}

func (c *checker) tryQueue(name string, attributes ...string) (*queue, error) {
	m := pairs(attributes)
	fifo := strings.HasSuffix(name, ".fifo")
	if _, given := m["FifoQueue"]; fifo && !given {
		m["FifoQueue"] = "true"
	}
	return c.create(c.name(name), m)
}

// create is CreateQueue with nothing added.
func (c *checker) create(name string, attributes map[string]string) (*queue, error) {
	if len(attributes) == 0 {
		attributes = nil
	}
	out, err := c.client.CreateQueue(c.ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		return nil, err
	}
	q := &queue{c: c, name: name, url: deref(out.QueueUrl), fifo: strings.HasSuffix(name, ".fifo")}
	if c.prefix != "" {
		c.Cleanup(func() { // the case's own context is over by then
			_, _ = c.client.DeleteQueue(context.Background(), &sqs.DeleteQueueInput{QueueUrl: &q.url})
		})
	}
	return q, nil
}

func pairs(kv []string) map[string]string {
	m := make(map[string]string, len(kv)/2)
	for i := 0; i < len(kv); i += 2 {
		m[kv[i]] = kv[i+1]
	}
	return m
}

// with returns q with receive options that hold for every receive.
func (q *queue) with(opts ...receiveOption) *queue {
	r := *q
	r.options = append(slices.Clone(q.options), opts...)
	return &r
}

func (q *queue) trySet(attributes ...string) error {
	_, err := q.c.client.SetQueueAttributes(q.c.ctx, &sqs.SetQueueAttributesInput{QueueUrl: &q.url, Attributes: pairs(attributes)})
	return err
}

func (q *queue) set(attributes ...string) {
	q.c.Helper()
	q.c.do(q.trySet(attributes...))
}

func (q *queue) tryAttributes(names ...string) (map[string]string, error) {
	var list []types.QueueAttributeName
	for _, n := range names {
		list = append(list, types.QueueAttributeName(n))
	}
	out, err := q.c.client.GetQueueAttributes(q.c.ctx, &sqs.GetQueueAttributesInput{QueueUrl: &q.url, AttributeNames: list})
	if err != nil {
		return nil, err
	}
	return out.Attributes, nil
}

func (q *queue) attributes(names ...string) map[string]string {
	q.c.Helper()
	m, err := q.tryAttributes(names...)
	return ok(q.c, m, err)
}

func (q *queue) attribute(name string) string {
	q.c.Helper()
	return q.attributes(name)[name]
}

// wantAttribute checks one attribute; "" stands for one that is not there.
func (q *queue) wantAttribute(name, want string) {
	q.c.Helper()
	equal(q.c, "attribute "+name, q.attribute(name), want)
}

func (q *queue) arn() string {
	q.c.Helper()
	return q.attribute("QueueArn")
}

// account and region are those of the queue's ARN.
func (q *queue) account() string { return strings.Split(q.arn(), ":")[4] }
func (q *queue) region() string  { return strings.Split(q.arn(), ":")[3] }

// wantCounts checks the three counts; they are exact only on Exact backends.
func (q *queue) wantCounts(visible, inFlight, delayed int) {
	q.c.Helper()
	const n = "ApproximateNumberOfMessages"
	m := q.attributes(n, n+"NotVisible", n+"Delayed")
	got := fmt.Sprintf("%s visible, %s in flight, %s delayed", m[n], m[n+"NotVisible"], m[n+"Delayed"])
	equal(q.c, "counts of "+q.name, got, fmt.Sprintf("%d visible, %d in flight, %d delayed", visible, inFlight, delayed))
}

func (q *queue) tryDeleteQueue() error {
	_, err := q.c.client.DeleteQueue(q.c.ctx, &sqs.DeleteQueueInput{QueueUrl: &q.url})
	return err
}

func (q *queue) tryPurge() error {
	_, err := q.c.client.PurgeQueue(q.c.ctx, &sqs.PurgeQueueInput{QueueUrl: &q.url})
	return err
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
