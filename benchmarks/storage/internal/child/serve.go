package child

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/quayside-go/quayside/benchmarks/storage/internal/machine"
	"github.com/quayside-go/quayside/benchmarks/storage/internal/store"
)

// Serve is a child: it opens the store that args name, obeys what comes from in, and closes the store when
// in ends.
func Serve(in io.Reader, out io.Writer, args []string) (err error) {
	if len(args) != 3 {
		return fmt.Errorf("%d arguments, want a kind, a directory and the size of segments", len(args))
	}
	segment, err := strconv.ParseInt(args[2], 10, 64)
	if err != nil {
		return fmt.Errorf("the size of segments: %w", err)
	}
	replies := json.NewEncoder(out)
	start := time.Now()
	s, err := store.Open(args[0], args[1], segment)
	if err != nil {
		return replies.Encode(answer{Error: err.Error()})
	}
	ctx, stop := context.WithCancel(context.Background())
	c := &session{store: s, dir: args[1], ctx: ctx}
	defer func() {
		stop()
		c.work.Wait()
		err = errors.Join(err, s.Close())
	}()
	found := Opened{Took: time.Since(start)}
	found.Messages, found.Bytes = s.Found()
	err = replies.Encode(answer{Opened: found})
	commands := json.NewDecoder(in)
	for err == nil {
		var do command
		if err := commands.Decode(&do); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read a command: %w", err)
		}
		err = replies.Encode(c.obey(do))
	}
	return err
}

// obey carries a command out.
func (c *session) obey(do command) answer {
	var a answer
	err := fmt.Errorf("no command is called %q", do.Do)
	if action, ok := actions[do.Do]; ok {
		err = action(c, do, &a)
	}
	if err != nil {
		a.Error = err.Error()
	}
	return a
}

var actions = map[string]func(*session, command, *answer) error{
	"put":      spending((*session).put),
	"take":     spending((*session).take),
	"load":     spending((*session).load),
	"steady":   spending((*session).steady),
	"straggle": (*session).straggle,
	"fill":     (*session).fill,
	"serve":    (*session).serve,
	"rest":     func(_ *session, do command, _ *answer) error { return rest(do.For) },
	"memory": func(_ *session, _ command, a *answer) (err error) {
		a.Memory, err = machine.InUse()
		return err
	},
}

// spending is an action that is measured.
func spending(f func(*session, command) (Spent, error)) func(*session, command, *answer) error {
	return func(c *session, do command, a *answer) (err error) {
		a.Spent, err = measured(c.dir, func() (Spent, error) { return f(c, do) })
		return err
	}
}
