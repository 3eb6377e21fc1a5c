package worker

import "context"

// badGate is what a constructor returns for bad arguments: it lets nothing
// through.
type badGate struct{ mistake error }

func (g badGate) validate() error { return g.mistake }

// Take waits for the end of ctx.
func (g badGate) Take(ctx context.Context, _ int) (int, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

// Return does nothing.
func (g badGate) Return(int) {}

// Done does nothing.
func (g badGate) Done(*Message, error) {}
