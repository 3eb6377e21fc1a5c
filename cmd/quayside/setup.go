package main

import (
	"context"
	"crypto/tls"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/localqueue"
)

// setup is what the flags' files hold.
type setup struct {
	credentials []localqueue.Credential
	queues      *queuesFile // nil without --queues
	tls         *tls.Config // nil without --tls-cert
}

// readSetup reads the files, and refuses what is wrong with them.
func readSetup(ctx context.Context, f serveFlags, getenv func(string) string) (s setup, err error) {
	if f.credentials != "" {
		if s.credentials, err = readCredentials(f.credentials, getenv); err != nil {
			return s, err
		}
	}
	if s.tls, err = loadTLS(f.tlsCert, f.tlsKey); err != nil {
		return s, err
	}
	if f.queuesFile == "" {
		return s, nil
	}
	if s.queues, err = readQueuesFile(f.queuesFile); err != nil {
		return s, err
	}
	return s, s.queues.check(ctx, f.region, f.account)
}

// create makes the queues of --queues, then those of --queue.
func (s setup) create(ctx context.Context, q *localqueue.Server, specs []string) error {
	if s.queues != nil {
		if err := s.queues.apply(ctx, q); err != nil {
			return err
		}
	}
	for _, spec := range specs {
		if err := q.Create(ctx, spec); err != nil {
			return fmt.Errorf("--queue %q: %w", spec, refusal(err))
		}
	}
	return nil
}

// checkNamespace refuses a region or an account that no queue can be in.
func checkNamespace(region, account string) error {
	q := localqueue.New(func(o *localqueue.Options) { o.Region, o.Account = region, account })
	defer q.Close()
	if _, err := q.ListQueues(context.Background(), &sqs.ListQueuesInput{}); err != nil {
		return fmt.Errorf("--region, --account: %w", refusal(err))
	}
	return nil
}
