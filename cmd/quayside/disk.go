package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/quayside-go/quayside/localqueue"
)

// diskFlags are the flags of `quayside serve` that say where the queues are kept.
type diskFlags struct {
	dir          string // "": in memory
	sync         string
	syncReceives bool

	given  func(flag string) bool
	policy localqueue.SyncPolicy // that sync names
}

// The values of --sync that are not durations.
const (
	syncAlways = "always"
	syncNever  = "never"
)

func (f *diskFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.dir, "dir", "", "keep queues and messages in this `directory`, through restarts and crashes; default: in memory")
	flags.StringVar(&f.sync, "sync", syncAlways, "`when` a change is brought to the disk: always, before its reply; a duration such as 100ms, so long after it at most; never, by the system alone")
	flags.BoolVar(&f.syncReceives, "sync-receives", false, "bring receives and changes of visibility to the disk before their reply as well")
}

// check refuses flags that would have no effect: whoever gives them expects more
// than they would get. It sets the policy.
func (f *diskFlags) check() error {
	if f.dir == "" {
		for _, flag := range []string{"sync", "sync-receives"} {
			if f.given(flag) {
				return fmt.Errorf("--%s needs --dir: in memory there is nothing to sync", flag)
			}
		}
		if f.given("dir") {
			return errors.New("--dir is empty: want a directory, or leave it out to keep the queues in memory")
		}
		return nil
	}
	switch f.sync {
	case syncAlways:
		f.policy = localqueue.SyncAlways
	case syncNever:
		f.policy = localqueue.SyncNever
	default:
		d, err := time.ParseDuration(f.sync)
		if err != nil || d <= 0 {
			return fmt.Errorf("--sync %q: want always, never, or a duration such as 100ms", f.sync)
		}
		f.policy = localqueue.SyncInterval(d)
	}
	if f.syncReceives && f.policy != localqueue.SyncAlways {
		return fmt.Errorf("--sync-receives needs --sync always: with --sync %s no reply waits for the disk", f.sync)
	}
	return nil
}

// options are what the flags set.
func (f *diskFlags) options(o *localqueue.Options) {
	o.Sync, o.SyncReceives = f.policy, f.syncReceives
}

// open makes the server: in memory, or of what is in the directory.
func (f *diskFlags) open(opts func(*localqueue.Options)) (*localqueue.Server, error) {
	if f.dir == "" {
		return localqueue.New(opts), nil
	}
	q, err := localqueue.Open(f.dir, opts, f.options)
	if err != nil {
		return nil, fmt.Errorf("--dir %s: %w", f.dir, diskError(f.dir, err))
	}
	return q, nil
}

// tell logs what was found in the directory.
func (f *diskFlags) tell(r localqueue.Recovery, log *slog.Logger) {
	if f.dir == "" {
		return
	}
	log.Info("recovered", "dir", f.dir, "queues", r.Queues, "messages", r.Messages, "bytes", r.Bytes, "took", r.Took)
	if r.Cut != "" {
		log.Warn("a crash left the end unfinished, and it was cut off", "dir", f.dir, "cut", r.Cut)
	}
}

// close closes the server. What it could not bring to the disk is an error, beside the
// one that it ended with, if there was one.
func (f *diskFlags) close(q io.Closer, ended error) error {
	err := q.Close()
	switch {
	case err == nil:
		return ended
	case ended == nil:
		return fmt.Errorf("--dir %s: closing: %w", f.dir, err)
	}
	return fmt.Errorf("%w; --dir %s: closing: %w", ended, f.dir, err)
}

// diskError is an error of a directory of queues, in words that say what to do.
func diskError(dir string, err error) error {
	if used, ok := errors.AsType[*localqueue.InUseError](err); ok {
		holder := "another process"
		if used.PID != 0 {
			holder = fmt.Sprintf("process %d", used.PID)
		}
		return fmt.Errorf("in use by %s; stop that one, or choose another directory", holder)
	}
	if damage, ok := errors.AsType[*localqueue.DamageError](err); ok {
		return fmt.Errorf("damaged: %s; nothing was changed: `quayside verify %s` reads all of it, docs/durable.md says what can be done",
			where(damage), quoted(dir))
	}
	if errors.Is(err, localqueue.ErrFull) {
		return noRoom(err)
	}
	return plainError{err}
}

// noRoomError is that the server cannot start for want of room, or of what makes some.
type noRoomError struct{ why string }

func (e *noRoomError) Error() string { return e.why + ", then start again" }

// noRoom says why err, which is a localqueue.ErrFull, is one.
func noRoom(err error) error {
	for _, cause := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM} {
		if errors.Is(err, cause) {
			return &noRoomError{"the log cannot grow: " + cause.Error() + ": end that"}
		}
	}
	return &noRoomError{"there is no room on the disk: make room there"}
}

// plainError is an error of the package without its name in front.
type plainError struct{ error }

func (e plainError) Error() string { return strings.TrimPrefix(e.error.Error(), "localqueue: ") }
func (e plainError) Unwrap() error { return e.error }

// where says what is damaged.
func where(d *localqueue.DamageError) string {
	return fmt.Sprintf("%s at byte %d: %s", d.File, d.Offset, d.Reason)
}
