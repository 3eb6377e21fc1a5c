package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

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

// create makes the queues of --queues, then those of --queue. A name that was given
// up less than a minute ago cannot be had yet, as on SQS, and the server may have been
// started again since: then it waits.
func (s setup) create(ctx context.Context, q *localqueue.Server, specs []string, log *slog.Logger) error {
	for waiting := false; ; waiting = true {
		err := s.tryCreate(ctx, q, specs)
		if !errors.As(err, new(*types.QueueDeletedRecently)) {
			return err
		}
		if !waiting {
			log.Warn("waiting, for a minute at most, until a queue can be made again that was just deleted", "why", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func (s setup) tryCreate(ctx context.Context, q *localqueue.Server, specs []string) error {
	if s.queues != nil {
		if err := s.queues.apply(ctx, q); err != nil {
			return err
		}
	}
	for _, spec := range specs {
		if joined(ctx, q, spec) {
			continue
		}
		if err := q.Create(ctx, spec); err != nil {
			return fmt.Errorf("--queue %q: %w", spec, refusal(err))
		}
	}
	return nil
}

// joined reports whether both queues of an 'a -> b' exist and b is the dead-letter
// queue of a: the number of receives that was set since then stays.
func joined(ctx context.Context, q *localqueue.Server, spec string) bool {
	left, right, arrow := strings.Cut(spec, "->")
	if !arrow {
		return false
	}
	already, err := buries(ctx, q, strings.TrimSpace(left), strings.TrimSpace(right))
	return already && err == nil
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
