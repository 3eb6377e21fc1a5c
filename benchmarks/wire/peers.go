package main

import (
	"context"
	"errors"
	"slices"
)

var errNoPeers = errors.New("no other server is there to compare with: see -peers")

// failure is what a server did wrong.
type failure struct {
	subject string
	err     error
}

func (f *failure) Error() string { return f.subject + ": " + f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

// addPeers adds the peers that can be had, and says which cannot.
func (b *bench) addPeers(dir string) error {
	for _, p := range []struct {
		name string
		get  func(context.Context, string) (subject, error)
	}{{"goaws", buildGoaws}, {"elasticmq", fetchElasticmq}} {
		b.progress("fetching %s", p.name)
		x, err := p.get(b.ctx, dir)
		if err == nil {
			b.peers = append(b.peers, x)
			continue
		}
		if err := b.skip(p.name, err); err != nil {
			return err
		}
	}
	return nil
}

// withPeers compares our own subjects with the peers. A peer that fails is left out, the output says
// so, and the comparison is made again: it is no fault of ours.
func (b *bench) withPeers(what string, own []subject, compare func([]subject) error) error {
	peers := slices.Clone(b.peers)
	for {
		err := compare(append(slices.Clone(own), peers...))
		f, ok := errors.AsType[*failure](err)
		if !ok || b.ctx.Err() != nil {
			return err
		}
		i := slices.IndexFunc(peers, func(x subject) bool { return x.name == f.subject })
		if i < 0 {
			return err
		}
		peers = slices.Delete(peers, i, i+1)
		if err := b.skip(what+", "+f.subject, f.err); err != nil {
			return err
		}
	}
}
