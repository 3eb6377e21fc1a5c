package program

import (
	"context"
	"io"
	"os"
)

// UntilAlone ends a child with standard input, which is as long as its parent's life.
func UntilAlone(child Child) Child {
	return func(ctx context.Context, args []string, out io.Writer) error {
		ctx, end := context.WithCancel(ctx)
		defer end()
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			end()
		}()
		return child(ctx, args, out)
	}
}
