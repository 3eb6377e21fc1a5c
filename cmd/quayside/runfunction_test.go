package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// beFunction makes this process a function of aws-lambda-go, which fails at random, as
// QUAYSIDE_TEST_* say: testdata/bootstrap.py is the same in Python.
func beFunction() {
	if rand.Float64() < chance("START") {
		fmt.Fprintln(os.Stderr, "not today")
		os.Exit(1)
	}
	if os.Getenv("QUAYSIDE_TEST_CHATTER") != "" {
		go func() {
			for {
				fmt.Fprintln(os.Stderr, strings.Repeat("bla ", 250))
			}
		}()
	}
	if addr := os.Getenv("QUAYSIDE_TEST_ALIVE"); addr != "" {
		if c, err := net.Dial("tcp", addr); err == nil { // who listens there learns when this process is gone
			go func() { _, _ = io.Copy(io.Discard, c) }()
		}
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM)
		go func() {
			<-asked
			fmt.Fprintln(os.Stderr, "asked to end")
			os.Exit(0)
		}()
	}
	lambda.Start(handle)
}

// chance is one of the variables.
func chance(name string) float64 {
	f, _ := strconv.ParseFloat(os.Getenv("QUAYSIDE_TEST_"+name), 64)
	return f
}

func handle(ctx context.Context, e events.SQSEvent) (r events.SQSEventResponse, err error) {
	if d, err := time.ParseDuration(os.Getenv("QUAYSIDE_TEST_TAKES")); err == nil {
		fmt.Fprintln(os.Stderr, "begun")
		time.Sleep(d)
	}
	what := rand.Float64()
	if what < chance("CRASH") {
		os.Exit(3)
	}
	if what -= chance("CRASH"); what < chance("TIMEOUT") {
		time.Sleep(time.Hour)
	}
	if what -= chance("TIMEOUT"); what < chance("ERROR") {
		return r, errors.New("this batch is not to my taste")
	}
	var handled strings.Builder
	failed := make(map[string]bool) // groups of a FIFO queue
	for _, m := range e.Records {
		group := m.Attributes["MessageGroupId"]
		if failed[group] || rand.Float64() < chance("FAIL") {
			failed[group] = group != ""
			r.BatchItemFailures = append(r.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
			continue
		}
		fmt.Fprintln(&handled, m.Body)
	}
	if err := appendFile(os.Getenv("QUAYSIDE_TEST_HANDLED"), handled.String()); err != nil {
		return r, err
	}
	if rand.Float64() < chance("CRASH") {
		os.Exit(4) // after the work, before the response
	}
	return r, nil
}

// appendFile appends to a file that several processes append to.
func appendFile(name, text string) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
