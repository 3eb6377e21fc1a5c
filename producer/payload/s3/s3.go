// Package s3 is a payload.Store in an S3 bucket, or in anything that speaks S3. It is a
// package of its own so that only those compile the S3 client who want it.
package s3

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/quayside-go/quayside/producer/payload"
)

// Client is the part of S3 that a Store uses; *s3.Client has it.
//
// The IAM permissions to match are s3:PutObject for senders, s3:GetObject for workers,
// s3:DeleteObject for both, and s3:ListBucket for workers: without it, S3 says of an object
// that is not there that access is denied.
type Client interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	DeleteObject(context.Context, *s3.DeleteObjectInput, ...func(*s3.Options)) (*s3.DeleteObjectOutput, error)
}

var _ Client = (*s3.Client)(nil)

// Store is a bucket. It is made by [New].
type Store struct {
	client Client
	bucket string
}

var _ payload.Store = (*Store)(nil)

// New makes a Store of a bucket, given by its name or the ARN of an access point: pointers
// have it as it is given here. It makes no request.
func New(c Client, bucket string) *Store { return &Store{c, bucket} }

// Bucket returns what New was given.
func (s *Store) Bucket() string { return s.bucket }

// Put makes one request, so a body can have 5 GiB.
func (s *Store) Put(ctx context.Context, key string, body io.ReadSeeker, size int64) error {
	in := &s3.PutObjectInput{Bucket: &s.bucket, Key: &key, Body: body, ContentLength: &size}
	if _, err := s.client.PutObject(ctx, in); err != nil {
		return s.explain("put", key, err)
	}
	return nil
}

// Get makes a request; the body is read from its reply.
func (s *Store) Get(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: &key})
	if errors.As(err, new(*types.NoSuchKey)) {
		err = fmt.Errorf("%w: %w", payload.ErrNotFound, err)
	}
	if err != nil {
		return nil, 0, s.explain("get", key, err)
	}
	if out.ContentLength == nil {
		return out.Body, -1, nil
	}
	return out.Body, *out.ContentLength, nil
}

// Delete makes a request. In a bucket with versions the object is hidden, and its
// versions stay.
func (s *Store) Delete(ctx context.Context, key string) error {
	if _, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: &key}); err != nil {
		return s.explain("delete", key, err)
	}
	return nil
}

func (s *Store) explain(what, key string, err error) error {
	return fmt.Errorf("payload: %s %q in bucket %q: %w", what, key, s.bucket, err)
}
