package lambdaruntime

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// Options are what the functions of New may change. They are handed over filled with the
// defaults.
type Options struct {
	Command []string // the program and its arguments
	Env     []string // its environment, before the variables of Lambda's own. Default: this process's

	Name    string // of the function. Default "function"
	Handler string // _HANDLER. Default "bootstrap"
	Memory  int    // in MB, told to the function; nothing is limited. Default 128
	Region  string // default "us-east-1"
	Account string // default "000000000000"

	Concurrency int           // processes at most. Default 1
	Timeout     time.Duration // of an invocation. Default 3 seconds
	InitTimeout time.Duration // from the start of a process to its first next. Default 10 seconds

	// Stdout and Stderr are where the processes' output goes, in whole lines. One that does not
	// take it holds the function up, as a full pipe does, but not its end. Default: nowhere.
	Stdout, Stderr io.Writer

	// OnDown is told why a process is gone, if nobody else is: those that could not
	// start, or ended while they waited.
	OnDown func(error)
}

func newOptions(opts []func(*Options)) (Options, error) {
	o := Options{
		Env: os.Environ(), Name: "function", Handler: "bootstrap", Memory: 128,
		Region: "us-east-1", Account: "000000000000",
		Concurrency: 1, Timeout: 3 * time.Second, InitTimeout: 10 * time.Second,
		Stdout: io.Discard, Stderr: io.Discard, OnDown: func(error) {},
	}
	for _, f := range opts {
		f(&o)
	}
	switch {
	case len(o.Command) == 0:
		return o, errors.New("there is no command to run")
	case o.Concurrency < 1:
		return o, fmt.Errorf("concurrency %d: want 1 or more", o.Concurrency)
	case o.Timeout <= 0 || o.InitTimeout <= 0:
		return o, errors.New("timeouts must be more than nothing")
	}
	if _, err := exec.LookPath(o.Command[0]); err != nil {
		return o, err
	}
	return o, nil
}

// arn is the function's.
func (o Options) arn() string {
	return "arn:aws:lambda:" + o.Region + ":" + o.Account + ":function:" + o.Name
}
