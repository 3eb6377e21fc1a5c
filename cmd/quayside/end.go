package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// lookEvery is how long the end of a server may go unnoticed that nobody uses.
const lookEvery = time.Second

// endLog logs, once, that nothing but a restart helps.
type endLog struct {
	err  func() error // why; nil: the server goes on
	log  *slog.Logger
	once sync.Once
}

// look looks whether that is so.
func (e *endLog) look() {
	if err := e.err(); err != nil {
		e.once.Do(func() {
			e.log.Error("the disk has failed; all requests are refused until the server is started again", "why", err)
		})
	}
}

// run looks every now and then, until ctx ends.
func (e *endLog) run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			e.look()
		}
	}
}
