package dynamo_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/producer/payload/dynamo"
)

// table is one whose partition key is named so.
type table struct {
	key   string
	items map[string]map[string]types.AttributeValue
	err   error
}

func (x *table) id(name *string, item map[string]types.AttributeValue) string {
	if *name != "bodies" {
		panic(*name)
	}
	return item[x.key].(*types.AttributeValueMemberS).Value
}

func (x *table) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if x.err == nil {
		x.items[x.id(in.TableName, in.Item)] = in.Item
	}
	return &dynamodb.PutItemOutput{}, x.err
}

func (x *table) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if in.ConsistentRead == nil || !*in.ConsistentRead {
		return nil, errors.New("not consistent")
	}
	return &dynamodb.GetItemOutput{Item: x.items[x.id(in.TableName, in.Key)]}, x.err
}

func (x *table) DeleteItem(_ context.Context, in *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	if x.err == nil {
		delete(x.items, x.id(in.TableName, in.Key))
	}
	return &dynamodb.DeleteItemOutput{}, x.err
}

func newTable(key string) *table {
	return &table{key: key, items: make(map[string]map[string]types.AttributeValue)}
}

func put(s payload.Store, key, body string) error {
	return s.Put(context.Background(), key, strings.NewReader(body), int64(len(body)))
}

func get(s payload.Store, key string) (string, int64, error) {
	r, size, err := s.Get(context.Background(), key)
	if err != nil {
		return "", 0, err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	return string(b), size, err
}

func TestStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newTable("pk")
		s := dynamo.New(x, "bodies", nil, func(o *dynamo.Options) {
			o.Key, o.Body, o.Expires, o.Keep = "pk", "b", "ttl", 90*time.Minute
		})
		if err := put(s, "a/key", "body\xff"); err != nil || s.Bucket() != "bodies" {
			t.Fatalf("Put = %v into %s", err, s.Bucket())
		}
		want := map[string]types.AttributeValue{
			"pk":  &types.AttributeValueMemberS{Value: "a/key"},
			"b":   &types.AttributeValueMemberB{Value: []byte("body\xff")},
			"ttl": &types.AttributeValueMemberN{Value: "946690200"}, // an hour and a half after 2000-01-01
		}
		if got := x.items["a/key"]; !reflect.DeepEqual(got, want) {
			t.Errorf("the item is %v", got)
		}
		if got, size, err := get(s, "a/key"); got != "body\xff" || size != 5 || err != nil {
			t.Errorf("Get = %q, %d, %v", got, size, err)
		}
		for range 2 {
			if err := s.Delete(t.Context(), "a/key"); err != nil || len(x.items) != 0 {
				t.Errorf("Delete = %v, and leaves %v", err, x.items)
			}
		}
		if _, _, err := get(s, "a/key"); !errors.Is(err, payload.ErrNotFound) {
			t.Errorf("Get = %v, want an ErrNotFound", err)
		}
	})
}

// What does not fit is refused without a request.
func TestStoreTooLarge(t *testing.T) {
	t.Parallel()
	x := newTable("id")
	s := dynamo.New(x, "bodies")
	room := dynamo.MaxItem - len("id"+"key"+"body")
	if err := put(s, "key", strings.Repeat("x", room)); err != nil || len(x.items["key"]) != 2 {
		t.Errorf("Put = %v, items %d", err, len(x.items))
	}
	err := put(s, "more", strings.Repeat("x", room))
	if err == nil || !strings.Contains(err.Error(), "the body has 409591 bytes, and an item has room for 409590") || len(x.items) != 1 {
		t.Errorf("Put = %v, items %d", err, len(x.items))
	}
}

func TestStoreFails(t *testing.T) {
	t.Parallel()
	x := newTable("id")
	s := dynamo.New(x, "bodies")
	x.items["odd"] = map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "odd"}}
	if _, _, err := get(s, "odd"); err == nil || errors.Is(err, payload.ErrNotFound) || !strings.Contains(err.Error(), `no Binary "body"`) {
		t.Errorf("Get = %v", err)
	}
	if err := s.Put(t.Context(), "key", bytes.NewReader([]byte("x")), 2); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Put = %v of a short body", err)
	}
	x.err = errors.New("throttled")
	_, _, err := get(s, "key")
	for what, err := range map[string]error{"get": err, "put": put(s, "key", "x"), "delete": s.Delete(t.Context(), "key")} {
		if !errors.Is(err, x.err) || errors.Is(err, payload.ErrNotFound) || !strings.Contains(err.Error(), what+` "key" in table "bodies"`) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
