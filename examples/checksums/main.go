// Checksums writes the manifest that sha256sum would write for all the regular files of a directory,
// sorted by path, and does it the way background work is done:
//
//	walk ──> jobs ──> hashing workers ──> results ──> collector ──> manifest
//	           └──> dead letters (a file that could not be read three times)
//
// Usage:
//
//	go run ./examples/checksums [-concurrency N] [-o FILE] [-queue memory] [-dir STATE] DIR
//
// A file that cannot be read is tried again a second later, twice. Then its reason is sent to the
// results queue, its job goes to the dead-letter queue, the manifest is written without it, and the
// exit status is 1. An interrupt drains: what is being hashed is finished, nothing more is started,
// no manifest is written, and standard error says what is missing; the exit status is 130.
//
// With -dir the queues and the results stand in a directory, and the run outlives its process: killed
// at any point and started again it goes on where it was, hashes no file again that was done, and
// writes the manifest that it would have written. Once that is written, the directory is empty again.
//
// The handlers know nothing of the kind of queue they run on: connect in queues.go is the only place
// that does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Exit statuses.
const (
	exitOK          = 0
	exitFailed      = 1   // something could not be read or written
	exitUsage       = 2   // the command line makes no sense
	exitInterrupted = 130 // as a shell reports SIGINT
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the first signal drains, a second one kills
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// settings are what the command line chooses.
type settings struct {
	dir         string
	concurrency int
	queue       string
	state       string        // "": in memory
	lease       time.Duration // how long a job stays invisible without being read
	output      string        // "": standard output
	open        opener
	connect     func(queue, state string) (broker, error)
}

// command is main with its surroundings as arguments. It returns the exit status.
func command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	return checksums(ctx, set, stdout, stderr)
}

// parse reads the command line. It reports what is wrong on stderr.
func parse(args []string, stderr io.Writer) (settings, error) {
	set := settings{open: openFile, connect: connect}
	flags := flag.NewFlagSet("checksums", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&set.concurrency, "concurrency", 2*runtime.GOMAXPROCS(0), "hash `N` files at a time; with -dir, eight times as many unless told")
	flags.StringVar(&set.output, "o", "", "write the manifest to `FILE` (default: standard output)")
	flags.StringVar(&set.queue, "queue", "memory", "`where` the queues are: memory, which -dir puts on the disk")
	flags.StringVar(&set.state, "dir", "", "keep the run in the directory `STATE`: killed and started again, it goes on where it was")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: checksums [flags] DIR")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return settings{}, err
	}
	switch {
	case flags.NArg() != 1:
		flags.Usage()
		return settings{}, errors.New("one directory is wanted")
	case set.concurrency < 1:
		fmt.Fprintln(stderr, "checksums: -concurrency must be at least 1")
		return settings{}, errors.New("bad concurrency")
	}
	set.dir, set.lease = flags.Arg(0), leaseInMemory
	if set.state != "" {
		set.lease = leaseOnDisk
		told := false
		flags.Visit(func(f *flag.Flag) { told = told || f.Name == "concurrency" })
		if !told {
			set.concurrency *= 8 // they wait for the disk most of the time, and share its syncs
		}
	}
	return set, nil
}

// checksums does the work, then writes the manifest and the report. It returns the exit status.
func checksums(ctx context.Context, set settings, stdout, stderr io.Writer) int {
	report, err := hashAll(ctx, set, stderr)
	report.print(stderr)
	if err != nil {
		why, status := "", exitFailed
		if ctx.Err() != nil {
			why, status = "interrupted: ", exitInterrupted
		}
		fmt.Fprintf(stderr, "checksums: %sno manifest written: %s\n", why, strings.ReplaceAll(err.Error(), "\n", "; "))
		if set.state != "" && ctx.Err() != nil {
			fmt.Fprintln(stderr, "checksums: the same command goes on from here")
		}
		return status
	}
	if err := save(set.output, stdout, report.sums); err != nil {
		fmt.Fprintln(stderr, "checksums: writing the manifest:", err)
		return exitFailed
	}
	if err := forget(set.state); err != nil {
		fmt.Fprintf(stderr, "checksums: the manifest is written, but not all of %s could be removed: %v\n", set.state, err)
		return exitFailed
	}
	if !report.clean() {
		return exitFailed
	}
	return exitOK
}

// hashAll checks the settings, opens the queues and runs the pipeline on them.
func hashAll(ctx context.Context, set settings, stderr io.Writer) (report, error) {
	if _, err := os.Stat(set.dir); err != nil {
		return report{}, err
	}
	if set.output != "" { // found out now, not when all is hashed
		if info, err := os.Stat(filepath.Dir(set.output)); err != nil {
			return report{}, err
		} else if !info.IsDir() {
			return report{}, &fs.PathError{Op: "open", Path: set.output, Err: syscall.ENOTDIR}
		}
	}
	if err := prepare(set.state, set.dir); err != nil {
		return report{}, err
	}
	b, err := set.connect(set.queue, set.state)
	if err != nil {
		return report{}, err
	}
	before, err := remember(set.state, set.dir) // with the queues open, which locks the directory
	if err != nil {
		return report{}, errors.Join(err, b.Close())
	}
	report, err := run(ctx, b, set, before, watch(stderr))
	return report, errors.Join(err, before.ledger.close(), b.Close())
}
