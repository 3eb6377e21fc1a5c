package foreign_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/middleware"
	"github.com/quayside-go/quayside/producer"
	"github.com/quayside-go/quayside/producer/payload"
	payloads3 "github.com/quayside-go/quayside/producer/payload/s3"
	"github.com/quayside-go/quayside/sqshttp"
	"github.com/quayside-go/quayside/worker"
)

// extended are the clients that keep large bodies in S3: each reads what producer/payload has written,
// and middleware.Payload what it has.
var extended = []client{
	{
		name:    "extended",
		lock:    "extended/requirements.txt",
		install: "extended",
		steps:   []string{"receive", "send"},
		env:     tidy,
		command: []string{python(), "extended/main.py"},
	},
	{
		name:    "extended-java",
		lock:    "extended/pom.xml",
		install: "extended-java",
		steps:   []string{"receive", "send"},
		build: []string{
			"javac", "-encoding", "UTF-8", "-Xlint:all", "-Werror", "-d", "TMP", "-cp", "CACHE/lib/*",
			"-sourcepath", "extended/java" + separator + "java", "extended/java/Main.java",
		},
		command: []string{"java", "-cp", "TMP" + separator + "CACHE/lib/*", "Main"},
	},
}

// largeBodies are what is sent either way, by case, as in the programs.
var largeBodies = map[string]string{"new": large, "legacy": large, "small": "small"}

var large = strings.Repeat("snow \u2603 \"quoted\" \\ \U0001f389\r\n", 20000)

// TestExtended has each client read what Go has sent, and the other way about. The S3 is that of moto,
// which comes with the Python client.
func TestExtended(t *testing.T) {
	t.Parallel()
	required := os.Getenv("QUAYSIDE_FOREIGN") == "required"
	if why := extended[0].missing(); why != "" && required {
		t.Fatal(why)
	} else if why != "" {
		t.Skip(why)
	} else if testing.Short() && !required {
		t.Skip("-short: the Go client alone")
	}
	env := append(serve(t), "AWS_ENDPOINT_URL_S3="+serveMoto(t))
	var results table
	t.Cleanup(func() { results.log(t) })
	for _, c := range extended {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if why := c.missing(); why != "" && required {
				t.Fatal(why)
			} else if why != "" {
				t.Skip(why)
			}
			e := exchangeOf(t, c, env)
			e.send()
			c.run(t, append(env[:len(env):len(env)],
				"QUAYSIDE_BUCKET="+e.bucket, "QUAYSIDE_FROM_GO="+e.from, "QUAYSIDE_TO_GO="+e.to), &results)
			if keys := e.objects(); len(keys) != 2 {
				t.Errorf("with what the client has sent, the bucket holds %q, want two", keys)
			}
			e.receive()
			if keys := e.objects(); len(keys) != 0 {
				t.Errorf("at the end the bucket holds %q", keys)
			}
		})
	}
}

// serveMoto starts the S3 and the DynamoDB of moto on a free port, and has it killed at the end of the test. It returns
// its endpoint.
func serveMoto(t *testing.T) string {
	t.Helper()
	installed, err := filepath.Abs(filepath.Join(cache, extended[0].install))
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command(strings.ReplaceAll(python(), "CACHE", installed), "-m", "moto.server", "-H", "127.0.0.1", "-p", "0")
	server.Env = append(os.Environ(), tidy...)
	stderr, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	endpoint := make(chan string, 1)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			if _, at, ok := strings.Cut(lines.Text(), "Running on "); ok {
				endpoint <- strings.TrimSpace(at)
				break
			}
		}
		_, _ = io.Copy(io.Discard, stderr) // a line a request
	}()
	t.Cleanup(func() {
		_ = server.Process.Kill() // it keeps nothing
		<-drained
		_ = server.Wait()
	})
	select {
	case at := <-endpoint:
		return at
	case <-drained:
		t.Fatal("moto stopped before it said where it listens")
	case <-time.After(patience):
		t.Fatalf("moto did not say where it listens within %v", patience)
	}
	return ""
}

// exchange is the Go side of one client's run.
type exchange struct {
	*testing.T
	bucket, from, to string
	sqs              *sqs.Client
	s3               *s3.Client
	store            *payloads3.Store
}

func exchangeOf(t *testing.T, c client, env []string) *exchange {
	t.Helper()
	value := make(map[string]string)
	for _, pair := range env {
		name, v, _ := strings.Cut(pair, "=")
		value[name] = v
	}
	hc := sqshttp.New()
	t.Cleanup(hc.CloseIdleConnections)
	who := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: value["AWS_ACCESS_KEY_ID"], SecretAccessKey: value["AWS_SECRET_ACCESS_KEY"]}, nil
	})
	prefix := prefix(c.name)
	e := &exchange{
		T: t, bucket: prefix + "bodies", from: prefix + "from-go", to: prefix + "to-go",
		sqs: sqs.New(sqs.Options{
			Region: value["AWS_REGION"], BaseEndpoint: aws.String(value["AWS_ENDPOINT_URL_SQS"]), HTTPClient: hc, Credentials: who,
		}),
		s3: s3.New(s3.Options{
			Region: "us-east-1", BaseEndpoint: aws.String(value["AWS_ENDPOINT_URL_S3"]), HTTPClient: hc, Credentials: who, UsePathStyle: true,
		}),
	}
	e.store = payloads3.New(e.s3, e.bucket)
	_, err := e.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &e.bucket})
	e.ok(err)
	for _, name := range []string{e.from, e.to} {
		_, err := e.sqs.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name})
		e.ok(err)
	}
	return e
}

func (e *exchange) ok(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

func (e *exchange) objects() (keys []string) {
	e.Helper()
	out, err := e.s3.ListObjectsV2(e.Context(), &s3.ListObjectsV2Input{Bucket: &e.bucket})
	e.ok(err)
	for _, o := range out.Contents {
		keys = append(keys, *o.Key)
	}
	return keys
}

// send sends a message for each case.
func (e *exchange) send() {
	e.Helper()
	for name, body := range largeBodies {
		p := producer.New(e.sqs, e.from, func(o *producer.Options) {
			o.Middleware = append(o.Middleware, payload.Offload(e.store, func(o *payload.Options) { o.LegacyAttribute = name == "legacy" }))
		})
		_, err := p.Send(e.Context(), producer.Message{
			Body: body, Type: "case", Attributes: map[string]types.MessageAttributeValue{"case": {DataType: aws.String("String"), StringValue: &name}},
		})
		e.ok(err)
	}
	if keys := e.objects(); len(keys) != 2 {
		e.Fatalf("with what Go has sent, the bucket holds %q, want two", keys)
	}
}

// receive has a worker take a message for each case.
func (e *exchange) receive() {
	e.Helper()
	ctx, stop := context.WithTimeout(e.Context(), time.Minute)
	defer stop()
	var mu sync.Mutex
	seen := make(map[string]int)
	p := middleware.Payload(e.store, func(o *middleware.PayloadOptions) {
		o.OnError = func(p payload.Pointer, err error) { e.Errorf("%v stays: %v", p, err) }
	})
	h := p.Handler(worker.HandlerFunc(func(_ context.Context, m *worker.Message) error {
		mu.Lock()
		defer mu.Unlock()
		name := aws.ToString(m.Attributes["case"].StringValue)
		if m.Body != largeBodies[name] || len(m.Attributes) != 1 {
			e.Errorf("case %q: a body of %d bytes, %d attributes", name, len(m.Body), len(m.Attributes))
		}
		for sdk := range m.SDK().MessageAttributes {
			seen[name+" "+sdk]++
		}
		if seen["new case"]+seen["legacy case"]+seen["small case"] == len(largeBodies) {
			stop()
		}
		return nil
	}))
	e.ok(worker.New(e.sqs, e.to, h, p.Worker).Run(ctx))
	want := []string{"new ExtendedPayloadSize", "legacy SQSLargePayloadSize", "new case", "legacy case", "small case"}
	for _, name := range want {
		if seen[name] != 1 {
			e.Errorf("%q was seen %d times, want once", name, seen[name])
		}
	}
	if len(seen) != len(want) {
		e.Errorf("cases with attributes %v, want %q", seen, want)
	}
}
