package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/spf13/cobra"

	"github.com/quayside-go/quayside/localqueue"
)

func newRunCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Invoke a function with the messages of a queue, as AWS Lambda does",
		Long: `Invoke a function with the messages of a queue, as AWS Lambda does.

The function is a command that speaks Lambda's Runtime API, as every bootstrap for
provided.al2023 does, in any language. Its processes are started as they are needed,
used again, killed when an invocation takes too long, and started again when they crash.

Without --aws, --endpoint or a queue's URL the queue is made here, in memory or with
--dir in a directory, and served at --addr to whoever sends to it: what to export for
that is printed on standard error. What the function prints goes to standard output and
standard error, and each invocation has a line on the latter.

Batches, partial batch responses (batchItemFailures) and timeouts are those of Lambda's
event source mapping. What fails stays in the queue, and comes back when its visibility
timeout ends. Ctrl-C, SIGTERM or the end of the terminal stops: nothing new is received,
running invocations may end, for 25 seconds at most, then the processes do. A second
Ctrl-C or SIGTERM stops at once.`,
		Example: `  quayside run --queue orders --exec ./bootstrap
  quayside run --queue 'orders -> orders-dlq' --exec 'python3 bootstrap.py' --timeout 30s --visibility 180s
  quayside run --queue jobs.fifo --dir queues --exec ./bootstrap --concurrency 20
  quayside run --aws --queue orders --exec ./bootstrap --batch-size 1000 --batch-window 5s`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.given, f.disk.given = cmd.Flags().Changed, cmd.Flags().Changed
			if err := f.check(); err != nil {
				return err
			}
			if err := runFunction(cmd.Context(), f, cmd.OutOrStdout(), cmd.ErrOrStderr()); err != nil {
				return failure{err}
			}
			return nil
		},
	}
	f.register(cmd)
	return cmd
}

// runFunction is `quayside run`. It returns nil after ctx ended and everything has stopped.
func runFunction(ctx context.Context, f runFlags, stdout, stderr io.Writer) error {
	unheeded(syscall.SIGPIPE)         // Ctrl-C also ends who reads the output; invocations may end all the same
	stderr = &lockedWriter{w: stderr} // the log, the reports and the function's share it
	log := newLogger(stderr, f.logLevel)
	if err := f.findCommand(); err != nil {
		return err
	}
	d := &driver{f: f, log: log, report: reporter{w: stderr, quiet: f.quiet}, stdout: stdout, stderr: stderr, env: os.Environ()}
	if f.remote() {
		c, err := remoteQueues(ctx, f)
		if err != nil {
			return unlessStopped(ctx, err)
		}
		return d.drive(ctx, c)
	}
	if endpoint := os.Getenv("AWS_ENDPOINT_URL_SQS"); endpoint != "" {
		log.Warn("the queue is made here, not at AWS_ENDPOINT_URL_SQS; --aws polls it there", "endpoint", endpoint)
	}
	return serveWith(ctx, f.serving(), stderr, log, func(ctx context.Context, q *localqueue.Server, endpoint string, up func(context.Context) error) error {
		if err := f.setVisibility(ctx, q); err != nil {
			return unlessStopped(ctx, err)
		}
		d.env = append(d.env, localEnvironment(endpoint, f.account, os.Getenv)...)
		return d.driveBeside(ctx, q, up)
	})
}

// findCommand looks for the function before anything is started for it.
func (f runFlags) findCommand() error {
	name := f.command[0]
	_, err := exec.LookPath(name)
	if err == nil {
		return nil
	}
	if info, wrong := os.Stat(name); wrong == nil && !info.IsDir() && filepath.Base(name) == name {
		return fmt.Errorf("--exec: %w; for the file here say .%c%s", err, filepath.Separator, name)
	}
	return fmt.Errorf("--exec: %w", err)
}

// setVisibility sets what --visibility says of the queue made here.
func (f runFlags) setVisibility(ctx context.Context, q *localqueue.Server) error {
	if f.visibility == 0 {
		return nil
	}
	name := f.queueName()
	_, err := q.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{
		QueueUrl: &name, Attributes: map[string]string{"VisibilityTimeout": strconv.Itoa(int(f.visibility.Seconds()))},
	})
	if err != nil {
		return fmt.Errorf("--visibility: %w", refusal(err))
	}
	return nil
}
