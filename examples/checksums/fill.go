package main

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/quayside-go/quayside/producer"
)

// fill sees to it that every file has its job. If an earlier process of the run has walked the whole
// directory, the files are those that it found, and their jobs are in the queue.
func (p *pipeline) fill(ctx context.Context, dir string) error {
	if !p.past.walked() {
		if err := p.send(ctx, dir); err != nil {
			return err
		}
		if err := p.past.ledger.keep(entry{Kind: entryWalked}); err != nil {
			return err
		}
	}
	p.collector.allFound()
	return nil
}

// send walks the directory and sends a job for every file that has no result.
func (p *pipeline) send(ctx context.Context, dir string) error {
	sending, ctx := errgroup.WithContext(ctx)
	sending.SetLimit(senders)
	var failed error
	for path, err := range walk(dir) {
		if failed = p.found(path, err); failed != nil || ctx.Err() != nil {
			break
		}
		if err != nil || !p.collector.expect(path) {
			continue
		}
		sending.Go(func() error { return p.post(ctx, path) })
	}
	stopped := ctx.Err() // read before Wait, which cancels
	if err := sending.Wait(); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	return stopped
}

// post sends the job of a file.
func (p *pipeline) post(ctx context.Context, path string) error {
	_, err := p.jobs.Send(ctx, producer.JSON(job{Run: p.collector.run, Path: []byte(path)}))
	return err
}

// revive sends the jobs that are missing once more, and reports whether there were any. With -dir,
// processes that were killed may have spent their receives, so that they are dead letters; or nothing
// ran for longer than the queue keeps messages.
func (p *pipeline) revive(ctx context.Context) (bool, error) {
	if p.revived || p.past.ledger == nil {
		return false, nil
	}
	p.revived = true
	missing := p.collector.report().missing
	sending, ctx := errgroup.WithContext(ctx)
	sending.SetLimit(senders)
	for _, path := range missing {
		sending.Go(func() error { return p.post(ctx, path) })
	}
	return len(missing) > 0, sending.Wait()
}

// found enters a file into the ledger, or a directory that could not be listed.
func (p *pipeline) found(path string, unlisted error) error {
	if unlisted == nil {
		return p.past.ledger.add(entry{Kind: entryFound, Path: []byte(path)})
	}
	why := reason(unlisted)
	p.collector.unlist(path, why)
	return p.past.ledger.add(entry{Kind: entryUnlisted, Path: []byte(path), Text: why})
}
