package foreign_test

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/quayside-go/quayside/producer/payload"
	"github.com/quayside-go/quayside/producer/payload/dynamo"
	payloads3 "github.com/quayside-go/quayside/producer/payload/s3"
	"github.com/quayside-go/quayside/sqshttp"
)

// TestStores has producer/payload's stores keep bodies in the S3 and the DynamoDB of moto.
func TestStores(t *testing.T) {
	t.Parallel()
	required := os.Getenv("QUAYSIDE_FOREIGN") == "required"
	if why := extended[0].missing(); why != "" && required {
		t.Fatal(why)
	} else if why != "" {
		t.Skip(why)
	} else if testing.Short() && !required {
		t.Skip("-short: the Go client alone")
	}
	endpoint := aws.String(serveMoto(t))
	hc := sqshttp.New()
	t.Cleanup(hc.CloseIdleConnections)
	who := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
	})
	bucket := s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: endpoint, HTTPClient: hc, Credentials: who, UsePathStyle: true})
	table := dynamodb.New(dynamodb.Options{Region: "us-east-1", BaseEndpoint: endpoint, HTTPClient: hc, Credentials: who})
	name := aws.String("bodies")
	if _, err := bucket.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: name}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
	}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		store payload.Store
		body  string
	}{
		{"s3", payloads3.New(bucket, *name), strings.Repeat("large\xff\n", 1<<20)},
		{"s3, empty", payloads3.New(bucket, *name), ""},
		{"dynamo", dynamo.New(table, *name), strings.Repeat("\xff", 400_000)},
		{"dynamo, empty", dynamo.New(table, *name), ""},
	} {
		t.Run(test.name, func(t *testing.T) { keep(t, test.store, test.body) })
	}
}

// keep has s keep a body for a while.
func keep(t *testing.T, s payload.Store, body string) {
	ctx := t.Context()
	for _, b := range []string{"another", body} {
		if err := s.Put(ctx, "a/key", strings.NewReader(b), int64(len(b))); err != nil {
			t.Fatal(err)
		}
	}
	r, size, err := s.Get(ctx, "a/key")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil || string(got) != body || size != int64(len(body)) {
		t.Errorf("%d bytes come back, with %v, and the size %d, want %d", len(got), err, size, len(body))
	}
	for range 2 {
		if err := s.Delete(ctx, "a/key"); err != nil {
			t.Errorf("Delete = %v", err)
		}
	}
	if _, _, err := s.Get(ctx, "a/key"); !errors.Is(err, payload.ErrNotFound) {
		t.Errorf("Get = %v, want an ErrNotFound", err)
	}
}
