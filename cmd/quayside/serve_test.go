package main

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/quayside-go/quayside/sqshttp"
)

func TestServe(t *testing.T) {
	t.Parallel()
	r := start(t, "--queue", "orders -> orders-dlq", "--queues", write(t, "queues.yaml", "queues: [jobs.fifo]\n"), "--log-level", "debug")
	want := "# quayside " + version() + " serving SQS on " + r.url() + " (3 queues)\n" +
		"export AWS_ENDPOINT_URL_SQS=" + r.url() + "\n" + cliNote +
		"export AWS_REGION=us-east-1\nexport AWS_DEFAULT_REGION=us-east-1\n" +
		"export AWS_ACCESS_KEY_ID=000000000000\nexport AWS_SECRET_ACCESS_KEY=quayside\n"
	if r.said != want {
		t.Errorf("said:\n%swant:\n%s", r.said, want)
	}

	c := r.client()
	queue, err := c.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("orders")})
	if err != nil {
		t.Fatal(err)
	}
	if want := r.url() + "/000000000000/orders"; *queue.QueueUrl != want {
		t.Errorf("the queue's URL is %s, want %s", *queue.QueueUrl, want)
	}
	if _, err := c.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue.QueueUrl, MessageBody: aws.String("hello")}); err != nil {
		t.Fatal(err)
	}
	got, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl, WaitTimeSeconds: 20})
	if err != nil || len(got.Messages) != 1 || *got.Messages[0].Body != "hello" {
		t.Fatalf("received %v, %v", got, err)
	}
	if _, err := c.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("none")}); err == nil {
		t.Error("there is a queue named none")
	}

	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ok\n"} {
		if status, body := get(t, r.url()+path); status != http.StatusOK || body != want {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
	status, page := get(t, r.url()+"/metrics")
	if status != http.StatusOK {
		t.Errorf("/metrics: %d", status)
	}
	for _, line := range []string{
		`sqs_approximate_number_of_messages_not_visible{account="000000000000",queue="orders",region="us-east-1"} 1`,
		`sqs_number_of_messages_sent_total{account="000000000000",queue="orders",region="us-east-1"} 1`,
		`sqs_number_of_messages_received_total{account="000000000000",queue="orders",region="us-east-1"} 1`,
		`sqs_approximate_number_of_messages_visible{account="000000000000",queue="jobs.fifo",region="us-east-1"} 0`,
		`sqs_request_duration_seconds_count{action="SendMessage",status="2xx"} 1`,
		`sqs_request_duration_seconds_count{action="GetQueueUrl",status="4xx"} 1`,
		`# TYPE go_goroutines gauge`,
	} {
		if !strings.Contains(page, "\n"+line+"\n") {
			t.Errorf("/metrics lacks %s", line)
		}
	}
	if status := r.stop(); status != exitOK {
		t.Errorf("exit status %d", status)
	}
	for _, part := range []string{"msg=serving", "action=SendMessage queue=orders status=200", "msg=stopping", "msg=stopped"} {
		if !strings.Contains(r.log.String(), part) {
			t.Errorf("the log lacks %q:\n%s", part, r.log)
		}
	}
}

// TestServeStops ends the server during a poll of 20 s: it is answered, with no
// message, and then nobody is served any more.
func TestServeStops(t *testing.T) {
	t.Parallel()
	r := start(t, "--queue", "orders")
	reading := make(chan struct{})
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got100Continue: func() { close(reading) }})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url(),
		strings.NewReader(`{"QueueUrl":"orders","WaitTimeSeconds":20}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "AmazonSQS.ReceiveMessage")
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("Expect", "100-continue") // tells when the server reads it
	transport := sqshttp.NewTransport()
	defer transport.CloseIdleConnections()
	answered := make(chan string, 1)
	go func() {
		reply, err := transport.RoundTrip(request)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer reply.Body.Close()
		body, err := io.ReadAll(reply.Body)
		answered <- fmt.Sprint(reply.StatusCode, " ", string(body), err)
	}()
	<-reading
	if status := r.stop(); status != exitOK {
		t.Errorf("exit status %d", status)
	}
	if got, want := <-answered, "200 {}<nil>"; got != want {
		t.Errorf("the poll got %s, want %s", got, want)
	}
	if strings.Contains(r.log.String(), "cut off") {
		t.Errorf("the poll was cut off:\n%s", r.log)
	}
	if c, err := net.Dial("tcp", strings.TrimPrefix(r.url(), "http://")); err == nil {
		c.Close()
		t.Error("it still listens")
	}
}

func TestServeCredentials(t *testing.T) {
	t.Parallel()
	r := start(t, "--queue", "orders", "--credentials",
		write(t, "credentials", "[a]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = right\n"))
	if strings.Contains(r.said, "ACCESS_KEY") || !strings.Contains(r.said, "# requests must be signed with a key of ") {
		t.Errorf("said:\n%s", r.said)
	}
	list := func(secret string) error {
		_, err := r.client("AKIDEXAMPLE", secret).ListQueues(t.Context(), &sqs.ListQueuesInput{})
		return err
	}
	if err := list("right"); err != nil {
		t.Errorf("the right secret: %v", err)
	}
	err := list("wrong")
	if refused, ok := errors.AsType[*smithyhttp.ResponseError](err); !ok || refused.HTTPStatusCode() != http.StatusForbidden {
		t.Errorf("a wrong secret: %v", err)
	}
	if status, _ := get(t, r.url()+"/readyz"); status != http.StatusOK {
		t.Errorf("/readyz without a signature: %d", status)
	}
}

func TestServeTLS(t *testing.T) {
	t.Parallel()
	pair := httptest.NewUnstartedServer(nil) // has a certificate for 127.0.0.1
	pair.StartTLS()
	defer pair.Close()
	key, err := x509.MarshalPKCS8PrivateKey(pair.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) string {
		return write(t, "tls.pem", string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
	}
	r := start(t, "--tls-cert", block("CERTIFICATE", pair.Certificate().Raw), "--tls-key", block("PRIVATE KEY", key))
	if !strings.HasPrefix(r.url(), "https://127.0.0.1:") {
		t.Fatalf("serves on %s", r.url())
	}
	reply, err := pair.Client().Get(r.url() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		t.Errorf("/healthz: %d", reply.StatusCode)
	}
}

// TestServeGuards asks for the metrics under a name that a web site may have bound
// to this machine, with and without credentials.
func TestServeGuards(t *testing.T) {
	t.Parallel()
	key := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(key, []byte("[default]\naws_access_key_id=AKIAONE\naws_secret_access_key=one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, flags := range [][]string{nil, {"--credentials", key}} {
		r := start(t, append(flags, "--allow-host", "queues.test")...)
		for host, want := range map[string]int{"evil.example": http.StatusForbidden, "queues.test": http.StatusOK, "localhost": http.StatusOK} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url()+"/metrics", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = host
			reply, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(reply.Body)
			reply.Body.Close()
			if reply.StatusCode != want {
				t.Errorf("metrics of %s: %d, want %d", host, reply.StatusCode, want)
			}
			if want == http.StatusForbidden && !strings.Contains(string(body), "--allow-host evil.example") {
				t.Errorf("the refusal of %s does not name the flag: %s", host, body)
			}
		}
	}
}
