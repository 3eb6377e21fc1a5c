// Command quayside is Quayside's server and tools.
//
//	quayside serve --queue 'orders -> orders-dlq'
//
// serves Amazon SQS on http://127.0.0.1:9324, for every AWS SDK and the AWS CLI,
// and prints what to export so that they find it. `quayside serve --help` has the
// flags. `quayside run` invokes a function with the messages of a queue, as AWS Lambda
// does. `quayside inspect` and `quayside verify` look into the directory of a server
// that does not run.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	paceCollector()
	ctx, stop := signal.NotifyContext(context.Background(), stopSignals()...)
	context.AfterFunc(ctx, func() {
		if !signal.Ignored(syscall.SIGHUP) {
			unheeded(syscall.SIGHUP) // a terminal that ends sends several
		}
		stop() // another signal ends the process at once
	})
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// unheeded has a signal do nothing from now on; who is started from here gets it as ever.
func unheeded(s os.Signal) { signal.Notify(make(chan os.Signal, 1), s) }

// stopSignals are those that ask a command to stop: Ctrl-C, SIGTERM, and the end of the
// terminal, unless nohup has it ignored.
func stopSignals() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

// Exit statuses.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2 // the command line is wrong
)

// failure is an error of a command that was asked for correctly.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

// run is the command, from its arguments to its exit status. It ends when ctx
// does.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(stderr, "quayside: %v\n", err)
	if errors.As(err, new(failure)) {
		return exitFailure
	}
	return exitUsage
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "quayside",
		Short:         "Amazon SQS on this machine",
		SilenceErrors: true, // run prints them
		SilenceUsage:  true,
	}
	root.AddCommand(newServeCommand(), newRunCommand(), newInspectCommand(), newVerifyCommand(), newVersionCommand())
	return root
}
