package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/quayside-go/quayside/internal/eventsource"
	"github.com/quayside-go/quayside/localqueue"
)

// runFlags are the flags of `quayside run`.
type runFlags struct {
	queue   string
	exec    string
	command []string // of exec, by check

	batchSize   int
	window      time.Duration
	concurrency int
	timeout     time.Duration
	initTimeout time.Duration
	wholeBatch  bool
	name        string
	handler     string
	memory      int

	endpoint        string
	aws             bool
	region, account string

	addr       string
	queuesFile string
	visibility time.Duration
	disk       diskFlags
	faults     faultFlags

	quiet    bool
	logLevel string

	given func(flag string) bool
}

// Limits of Lambda.
const (
	maxTimeout     = 15 * time.Minute
	maxConcurrency = 1000
)

func (f *runFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.queue, "queue", "", "poll this queue: a `name`, or 'name -> dead-letter queue', made here; or a URL")
	flags.StringVar(&f.exec, "exec", "", "the function: a `command` that speaks Lambda's Runtime API, with its arguments, which quotes may hold together")

	flags.IntVar(&f.batchSize, "batch-size", 10, "messages of an invocation at most, up to 10000; of a FIFO queue up to 10")
	flags.DurationVar(&f.window, "batch-window", 0, "how long a batch is gathered, up to 300s; over 10 messages need 1s; not on FIFO queues")
	flags.IntVar(&f.concurrency, "concurrency", 5, "invocations at once, each in a process of its own")
	flags.DurationVar(&f.timeout, "timeout", 3*time.Second, "of the function, up to 15m: then its process is killed and the batch comes back")
	flags.DurationVar(&f.initTimeout, "init-timeout", 10*time.Second, "how long a process may take until it asks for its first event")
	flags.BoolVar(&f.wholeBatch, "no-partial-batches", false, "do not look at batchItemFailures in responses (AWS: without ReportBatchItemFailures)")
	flags.StringVar(&f.name, "function", "function", "`name` of the function")
	flags.StringVar(&f.handler, "handler", "bootstrap", "`name` of the handler, _HANDLER, which some runtimes want")
	flags.IntVar(&f.memory, "memory", 128, "`MB` of memory that the function is told to have; nothing is limited")

	flags.StringVar(&f.addr, "addr", "127.0.0.1:9324", "`host:port` where the queue made here is served; port 0 takes a free one")
	flags.StringVar(&f.queuesFile, "queues", "", "make the queues in this YAML `file` as well, as quayside serve does")
	flags.DurationVar(&f.visibility, "visibility", 0, "visibility timeout of the queue made here, in whole seconds; default: 30s, or what it has")
	f.disk.register(cmd)
	f.faults.register(cmd)

	flags.StringVar(&f.endpoint, "endpoint", "", "poll a queue of the server at this `URL`, and make none here")
	flags.BoolVar(&f.aws, "aws", false, "poll a queue that is where the AWS configuration says (AWS_PROFILE, AWS_ENDPOINT_URL_SQS, ...), and make none here")
	flags.StringVar(&f.region, "region", localqueue.DefaultRegion, "region of the queue; with --aws, --endpoint or a URL by default what these or the AWS configuration say")
	flags.StringVar(&f.account, "account", localqueue.DefaultAccount, "account, twelve `digits`, of the queue made here")

	flags.BoolVar(&f.quiet, "quiet", false, "no line for invocations that did not fail")
	flags.StringVar(&f.logLevel, "log-level", "info", "`level`: error, warn, info, or debug for a line per request to the queue made here")
}

// remote reports whether the queue is somebody else's.
func (f *runFlags) remote() bool {
	return f.aws || f.endpoint != "" || strings.Contains(f.queue, "://")
}

// queueName is the name of the queue, or its URL.
func (f *runFlags) queueName() string {
	name, _, _ := strings.Cut(f.queue, "->")
	return strings.TrimSpace(name)
}

// check finds what is wrong with the flags by themselves.
func (f *runFlags) check() (err error) {
	if f.queueName() == "" {
		return errors.New("--queue is missing: want the queue's name, such as --queue orders, or its URL")
	}
	if f.command, err = splitCommand(f.exec); err != nil {
		return fmt.Errorf("--exec %q: %w", f.exec, err)
	}
	if len(f.command) == 0 {
		return errors.New("--exec is missing: want the function's command, such as --exec ./bootstrap")
	}
	if err := f.checkLimits(); err != nil {
		return err
	}
	if _, ok := levels[f.logLevel]; !ok {
		return fmt.Errorf("--log-level %q: want error, warn, info or debug", f.logLevel)
	}
	if f.remote() {
		return f.checkRemote()
	}
	if _, _, err := net.SplitHostPort(f.addr); err != nil {
		return fmt.Errorf("--addr %q: want host:port, such as 127.0.0.1:9324 or :9324", f.addr)
	}
	if err := f.disk.check(); err != nil {
		return err
	}
	if err := f.faults.check(); err != nil {
		return err
	}
	return checkNamespace(f.region, f.account)
}

// checkLimits finds what Lambda would refuse. The queue's name tells whether it is FIFO.
func (f *runFlags) checkLimits() error {
	o := eventsource.Options{BatchSize: f.batchSize, Window: f.window, Timeout: f.timeout}
	switch {
	case f.timeout <= 0 || f.timeout > maxTimeout:
		return fmt.Errorf("--timeout %v: want up to %v", f.timeout, maxTimeout)
	case f.initTimeout <= 0:
		return fmt.Errorf("--init-timeout %v: want more than nothing", f.initTimeout)
	case f.concurrency < 1 || f.concurrency > maxConcurrency:
		return fmt.Errorf("--concurrency %d: want 1 to %d", f.concurrency, maxConcurrency)
	case f.given("visibility") && (f.visibility <= 0 || f.visibility%time.Second != 0 || f.visibility > 12*time.Hour):
		return fmt.Errorf("--visibility %v: want whole seconds, more than none and up to 12h", f.visibility)
	case f.memory < 1:
		return fmt.Errorf("--memory %d: want megabytes, more than none", f.memory)
	case f.name == "" || strings.ContainsAny(f.name, ": \t\n"):
		return fmt.Errorf("--function %q: want a name", f.name)
	}
	return o.Check(strings.HasSuffix(f.queueName(), ".fifo"))
}

// checkRemote refuses flags of a queue made here, which would have no effect.
func (f *runFlags) checkRemote() error {
	for _, flag := range []string{"addr", "queues", "visibility", "dir", "sync", "sync-receives", "fault", "fault-seed", "account"} {
		if f.given(flag) {
			return fmt.Errorf("--%s is for a queue made here: it cannot be had with --aws, --endpoint or a queue's URL", flag)
		}
	}
	if strings.Contains(f.queue, "->") {
		return fmt.Errorf("--queue %q: dead-letter queues are set up where the queue is; want its name or URL", f.queue)
	}
	if f.aws && f.endpoint != "" {
		return errors.New("--aws and --endpoint both say where the queue is: want one of them")
	}
	if f.endpoint != "" {
		u, err := url.Parse(f.endpoint)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
			return fmt.Errorf("--endpoint %q: want http://host:port or https://host:port", f.endpoint)
		}
	}
	return nil
}

// serving are the flags of the server for the queue made here.
func (f *runFlags) serving() serveFlags {
	return serveFlags{
		addr: f.addr, region: f.region, account: f.account, queuesFile: f.queuesFile, queues: []string{f.queue},
		disk: f.disk, logLevel: f.logLevel, faults: f.faults,
	}
}
