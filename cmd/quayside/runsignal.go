package main

import (
	"os"
	"os/signal"
)

// secondSignal returns a channel that is closed by the second signal to stop, which would
// otherwise end this process and not the function's. forget ends that.
func secondSignal() (second <-chan struct{}, forget func()) {
	signals, twice, over := make(chan os.Signal, 2), make(chan struct{}), make(chan struct{})
	signal.Notify(signals, stopSignals()...)
	go func() {
		defer signal.Stop(signals)
		for range 2 {
			select {
			case <-signals:
			case <-over:
				return
			}
		}
		close(twice)
	}()
	return twice, func() { close(over) }
}
