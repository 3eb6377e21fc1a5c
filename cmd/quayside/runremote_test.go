package main

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// TestRunRemote polls the queue of another server, named in three ways, with no AWS
// configuration but what the server says is to be exported.
func TestRunRemote(t *testing.T) {
	t.Parallel()
	for name, args := range map[string]string{
		"endpoint": "--endpoint URL --queue orders",
		"URL":      "--queue URL/000000000000/orders",
		"aws":      "--aws --queue orders",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, "--queue", "orders -> dead", "--region", "eu-west-1")
			none := t.TempDir() + "/none"
			env := []string{"AWS_CONFIG_FILE=" + none, "AWS_SHARED_CREDENTIALS_FILE=" + none, "AWS_EC2_METADATA_DISABLED=true",
				"AWS_REGION=eu-west-1", "AWS_ENDPOINT_URL_SQS=", "AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=", "AWS_PROFILE="}
			if name == "aws" {
				for name, value := range server.exports {
					env = append(env, name+"="+value)
				}
			}
			args := strings.Fields(strings.ReplaceAll(args, "URL", server.url()))
			r := startRun(t, env, append(args, "--exec", "'"+os.Args[0]+"'", "--quiet")...)
			c := server.client()
			sendOne(t, c, server.queue("orders"))
			sendOne(t, c, server.queue("orders"))
			r.signalWhenEmpty(t, c, server.queue("orders"))
			status, last := r.wait(t)
			if status != exitOK || !strings.HasPrefix(last, "total: ") || strings.Contains(r.said, "\ninvocation ") {
				t.Errorf("exit status %d, %q:\n%s", status, last, r.said)
			}
			checkSevens(t, r.handled)
		})
	}
}

// signalWhenEmpty has it stop when both messages are gone.
func (c *child) signalWhenEmpty(t *testing.T, client *sqs.Client, queue string) {
	t.Helper()
	for counts(t, client, queue) > 0 {
		if t.Context().Err() != nil {
			t.Fatal("the queue is not empty")
		}
	}
	c.signal(t, syscall.SIGTERM)
}

func checkSevens(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil || string(text) != "7\n7\n" {
		t.Errorf("handled %q, %v", text, err)
	}
}

// TestRunWords runs a function that fails: what people read.
func TestRunWords(t *testing.T) {
	t.Parallel()
	r := startRun(t, []string{"QUAYSIDE_TEST_ERROR=1", "QUAYSIDE_TEST_TAKES=0s"}, "--addr", "127.0.0.1:0",
		"--queue", "orders -> dead", "--exec", "'"+os.Args[0]+"'", "--quiet")
	if _, err := r.client().GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("dead")}); err != nil {
		t.Error(err)
	}
	sendOne(t, r.client(), r.queue("orders"))
	r.until(t, "invocation ")
	r.signal(t, syscall.SIGTERM)
	status, last := r.wait(t)
	if status != exitOK || last != "total: 1 invocation, 1 of them failed; 1 record, 1 of them failed" {
		t.Errorf("exit status %d, %q", status, last)
	}
	for _, want := range []string{
		"\nbegun\n",                 // what the function prints
		`"errorType":"errorString"`, // what its runtime logs
		": 1 record, all failed, ",  // the line
		": errorString: this batch is not to my taste\n",
		"export AWS_ENDPOINT_URL_SQS=http://127.0.0.1:",
		"queue=arn:aws:sqs:us-east-1:000000000000:orders batch=10 window=0s concurrency=5 timeout=3s",
	} {
		if !strings.Contains(r.said, want) {
			t.Errorf("%q was not said:\n%s", want, r.said)
		}
	}
	if r.stdout.String() != "" {
		t.Errorf("standard output: %q", r.stdout)
	}
}
