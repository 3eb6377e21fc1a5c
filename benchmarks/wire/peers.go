package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

var errNoPeers = errors.New("no other server is there to compare with: see -peers")

// failure is what a server did wrong.
type failure struct {
	subject string
	err     error
}

func (f *failure) Error() string { return f.subject + ": " + f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

// peer is another server, which has to be got first.
type peer struct {
	name, version string
	get           func(ctx context.Context, dir string) (subject, error)
}

var peers = []peer{{"goaws", goawsVersion, buildGoaws}, {"elasticmq", elasticmqVersion, fetchElasticmq}}

// peerNames are those that -peers wants: all, or those that it names (comma-separated).
type peerNames []string

func (n *peerNames) String() string { return strings.Join(*n, ",") }

// IsBoolFlag lets -peers stand without a value.
func (*peerNames) IsBoolFlag() bool { return true }

// Set reads a value of the flag.
func (n *peerNames) Set(value string) error {
	*n = nil
	all, err := strconv.ParseBool(value)
	for _, p := range peers {
		if all || slices.Contains(strings.Split(value, ","), p.name) {
			*n = append(*n, p.name)
		}
	}
	if err != nil && n.String() != value {
		return fmt.Errorf("want names of %s and %s", peers[0].name, peers[1].name)
	}
	return nil
}

// addPeers adds those of the peers that can be had, and says which cannot.
func (b *bench) addPeers(dir string, names []string) {
	for _, p := range peers {
		if !slices.Contains(names, p.name) {
			continue
		}
		b.progress("fetching %s", p.name)
		x, err := p.get(b.ctx, dir)
		if err != nil {
			b.report.Skip(p.name, err)
			continue
		}
		b.peers = append(b.peers, x)
		b.report.Version(p.name, p.version)
	}
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
		b.report.Skip(what+", "+f.subject, f.err)
	}
}
