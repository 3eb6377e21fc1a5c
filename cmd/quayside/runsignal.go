package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// secondSignal returns a channel that is closed by the second signal to stop, which would
// otherwise end this process and not the function's. The first is the one that ended ctx, if it
// has ended, else the next one. A terminal that ends sends several SIGHUPs, which are one.
// forget ends that.
func secondSignal(ctx context.Context) (second <-chan struct{}, forget func()) {
	signals, twice, over := make(chan os.Signal, 8), make(chan struct{}), make(chan struct{})
	stopping := ctx.Err() != nil
	signal.Notify(signals, stopSignals()...)
	go func() {
		defer signal.Stop(signals)
		for {
			select {
			case s := <-signals:
				if stopping && s != syscall.SIGHUP {
					close(twice)
					return
				}
				stopping = true
			case <-over:
				return
			}
		}
	}()
	return twice, func() { close(over) }
}
