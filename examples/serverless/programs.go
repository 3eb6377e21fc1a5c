package main

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quayside-go/quayside/localqueue"
)

// programs are paths.
type programs struct{ function, service, quayside string }

// build builds the programs into dir.
func build(ctx context.Context, dir string) (programs, error) {
	p := programs{filepath.Join(dir, "bootstrap"), filepath.Join(dir, "service"), filepath.Join(dir, "quayside")}
	const module = "github.com/quayside-go/quayside/"
	for path, of := range map[string]string{
		p.function: module + "examples/serverless/function", p.service: module + "examples/serverless/service", p.quayside: module + "cmd/quayside",
	} {
		out, err := exec.CommandContext(ctx, "go", "build", "-o", path, of).CombinedOutput()
		if err != nil {
			return p, fmt.Errorf("build %s: %w\n%s", of, err, out)
		}
	}
	return p, nil
}

// run runs a program until it has written so many lines, ends it as Ctrl-C does, and
// returns what it has written, in order, what is alike together.
func run(ctx context.Context, command []string, endpoint string, lines int) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Env = append(os.Environ(), "AWS_ENDPOINT_URL_SQS="+endpoint, "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=example", "AWS_SECRET_ACCESS_KEY=example")
	var log strings.Builder
	c.Stderr = &log
	out, err := c.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := c.Start(); err != nil {
		return "", err
	}
	ids := make(map[string][]string)
	scanner := bufio.NewScanner(out)
	for n := 0; n < lines && scanner.Scan(); n++ {
		what, id, _ := strings.Cut(scanner.Text(), " ")
		ids[what] = append(ids[what], id)
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		return "", fmt.Errorf("%w\n%s", err, &log)
	}
	if err := c.Wait(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, &log)
	}
	var all []string
	for _, what := range slices.Sorted(maps.Keys(ids)) {
		slices.Sort(ids[what])
		all = append(all, what+" "+strings.Join(ids[what], " "))
	}
	return strings.Join(all, ", "), nil
}

// count returns how many messages a queue has.
func count(ctx context.Context, q *localqueue.Server, name string) (n int, err error) {
	url, err := q.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		return 0, err
	}
	names := []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages,
		types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
		types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
	}
	out, err := q.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: url.QueueUrl, AttributeNames: names})
	if err != nil {
		return 0, err
	}
	for _, v := range out.Attributes {
		some, err := strconv.Atoi(v)
		if err != nil {
			return 0, err
		}
		n += some
	}
	return n, nil
}
