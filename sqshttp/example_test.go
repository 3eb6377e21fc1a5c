package sqshttp_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quayside-go/quayside/sqshttp"
)

func Example() {
	q := newQueue(1) // any SQS endpoint; this one has ten messages
	defer q.Close()

	httpClient := sqshttp.New()
	defer httpClient.CloseIdleConnections()
	client := sqs.New(sqs.Options{ // or sqs.NewFromConfig, with HTTPClient set in an option
		BaseEndpoint: aws.String(q.URL),
		Region:       "us-east-1",
		Credentials:  aws.AnonymousCredentials{},
		HTTPClient:   httpClient,
	})
	out, err := client.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
		QueueUrl:            aws.String(q.URL + "/000000000000/orders"),
		MaxNumberOfMessages: 10,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(out.Messages), "messages")
	// Output: 10 messages
}

// A process with more than 256 requests under way at once, behind a proxy that
// signs with a CA of its own.
func ExampleNewTransport() {
	t := sqshttp.NewTransport()
	t.MaxIdleConnsPerHost = 1000
	if file := os.Getenv("AWS_CA_BUNDLE"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			log.Fatal(err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			log.Fatalf("%s has no certificate in PEM form", file)
		}
		t.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	httpClient := sqshttp.New(func(o *sqshttp.Options) { o.Transport = t })

	_ = sqs.Options{HTTPClient: httpClient}
}

// Whatever wraps a transport, to trace requests or to count them, goes around the
// default one.
func ExampleNew_wrap() {
	q := newQueue(1)
	defer q.Close()

	count := new(counter)
	httpClient := sqshttp.New(func(o *sqshttp.Options) {
		count.RoundTripper, o.Transport = o.Transport, count
	})
	defer httpClient.CloseIdleConnections()

	client := q.client(httpClient)
	for range 3 {
		if _, err := client.ReceiveMessage(context.Background(), receive()); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(count.requests, "requests")
	// Output: 3 requests
}

type counter struct {
	http.RoundTripper
	requests int
}

func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	c.requests++
	return c.RoundTripper.RoundTrip(r)
}
