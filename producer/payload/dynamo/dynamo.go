// Package dynamo is a payload.Store in a DynamoDB table, for bodies that are too large for
// SQS by little or are to be small in it: an item has at most 400 KB. It is a package of
// its own so that only those compile the DynamoDB client who want it.
package dynamo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quayside-go/quayside/producer/payload"
)

// MaxItem is how many bytes DynamoDB allows an item: names and values of its attributes,
// the key among them.
const MaxItem = 400 << 10

// Options are what New's functions may change.
type Options struct {
	// Key is the name of the table's partition key, a String. Default "id". The table
	// must have no sort key.
	Key string

	// Body is the name of the attribute that holds a body, a Binary. Default "body".
	Body string

	// Expires is the name of the attribute, a Number, that says when DynamoDB may delete
	// an item: Keep after it was put, in seconds since 1970. The table's time to live
	// must be set to it. Default "expires".
	Expires string

	// Keep is how long an item is kept: longer than a message can be in the queue and then
	// in its dead-letter queue. Default: for ever.
	Keep time.Duration
}

// Client is the part of DynamoDB that a Store uses; *dynamodb.Client has it.
//
// The IAM permissions to match are dynamodb:PutItem for senders, dynamodb:GetItem for
// workers, and dynamodb:DeleteItem for both.
type Client interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
}

var _ Client = (*dynamodb.Client)(nil)

// Store is a table. It is made by [New].
type Store struct {
	client Client
	table  string
	opts   Options
}

var _ payload.Store = (*Store)(nil)

// New makes a Store of a table, which pointers call a bucket. It makes no request.
func New(c Client, table string, opts ...func(*Options)) *Store {
	s := &Store{c, table, Options{Key: "id", Body: "body", Expires: "expires"}}
	for _, f := range opts {
		if f != nil {
			f(&s.opts)
		}
	}
	return s
}

// Bucket returns the name of the table.
func (s *Store) Bucket() string { return s.table }

// Put puts an item. A body that does not fit into one is refused without a request.
func (s *Store) Put(ctx context.Context, key string, body io.ReadSeeker, size int64) error {
	item := s.key(key)
	room := int64(MaxItem - len(s.opts.Key) - len(key) - len(s.opts.Body))
	if s.opts.Keep > 0 {
		at := time.Now().Add(s.opts.Keep).Unix()
		item[s.opts.Expires] = &types.AttributeValueMemberN{Value: strconv.FormatInt(at, 10)}
		room -= int64(len(s.opts.Expires)) + 21 // the most that a number can take
	}
	if size > room {
		return s.explain("put", key, fmt.Errorf("the body has %d bytes, and an item has room for %d", size, room))
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(body, b); err != nil {
		return s.explain("put", key, fmt.Errorf("read the body: %w", err))
	}
	item[s.opts.Body] = &types.AttributeValueMemberB{Value: b}
	if _, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.table, Item: item}); err != nil {
		return s.explain("put", key, err)
	}
	return nil
}

// Get gets an item, as it was last written: eventual consistency might not show it yet.
func (s *Store) Get(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: s.key(key), ConsistentRead: new(true)})
	if err != nil {
		return nil, 0, s.explain("get", key, err)
	}
	if len(out.Item) == 0 {
		return nil, 0, s.explain("get", key, payload.ErrNotFound)
	}
	b, ok := out.Item[s.opts.Body].(*types.AttributeValueMemberB)
	if !ok {
		return nil, 0, s.explain("get", key, errors.New("the item has no Binary "+strconv.Quote(s.opts.Body)))
	}
	return io.NopCloser(bytes.NewReader(b.Value)), int64(len(b.Value)), nil
}

// Delete deletes an item.
func (s *Store) Delete(ctx context.Context, key string) error {
	if _, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &s.table, Key: s.key(key)}); err != nil {
		return s.explain("delete", key, err)
	}
	return nil
}

func (s *Store) key(key string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{s.opts.Key: &types.AttributeValueMemberS{Value: key}}
}

func (s *Store) explain(what, key string, err error) error {
	return fmt.Errorf("payload: %s %q in table %q: %w", what, key, s.table, err)
}
