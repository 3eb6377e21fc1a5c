package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/benchmarks/internal/sdk"
	"github.com/quayside-go/quayside/localqueue"
)

// counted is a client that counts the requests that send.
type counted struct {
	client
	n atomic.Int64
}

func (c *counted) SendMessage(ctx context.Context, in *sqs.SendMessageInput, opts ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	c.n.Add(1)
	return c.client.SendMessage(ctx, in, opts...)
}

func (c *counted) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, opts ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	c.n.Add(1)
	return c.client.SendMessageBatch(ctx, in, opts...)
}

// overLoopback serves q on loopback and returns an SDK client of it.
func overLoopback(q *localqueue.Server) (c client, stop func() error, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	s := &http.Server{Handler: q}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	over := sdk.Far(0)
	c = sdk.New("http://"+l.Addr().String(), over)
	return c, func() error {
		over.CloseIdleConnections()
		err := s.Close()
		if e := <-done; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
		return err
	}, nil
}
