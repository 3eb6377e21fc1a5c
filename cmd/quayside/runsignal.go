package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// secondSignal returns a channel that is closed by the second Ctrl-C or SIGTERM, which would
// otherwise end this process and not the function's. The first one has come already if ctx has
// ended. SIGHUP counts for nothing: a terminal that ends sends several, and who ends a session
// sends it beside SIGTERM. What this process still has to say after the second one it says
// within 2 * lastMoment, as perhaps nobody reads it. forget ends that.
func secondSignal(ctx context.Context) (second <-chan struct{}, forget func()) {
	signals, twice, over := make(chan os.Signal, 8), make(chan struct{}), make(chan struct{})
	wanted := 2
	if ctx.Err() != nil {
		wanted = 1
	}
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		defer signal.Stop(signals)
		for range wanted {
			select {
			case <-signals:
			case <-over:
				return
			}
		}
		time.AfterFunc(2*lastMoment, func() { os.Exit(exitFailure) })
		close(twice)
	}()
	return twice, func() { close(over) }
}
