package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// peer is another server, which has to be got first.
type peer struct {
	name, version string
	get           func(ctx context.Context, dir string) (subject, error) // dir is removed at the end
}

var peers = []peer{
	{"goaws", goawsVersion, buildGoaws}, {"elasticmq", elasticmqVersion, fetchElasticmq},
	localstack.peer(), moto.peer(), ministack.peer(),
}

// unavailable are servers that would be compared, and why they are not.
var unavailable = []struct{ name, why string }{
	{"fakecloud", "its crate is there, but takes longer to build than all of this to run: more than 20 minutes on two busy cores"},
	{"Floci", "it is published as a container image and as binaries of its own, and no package registry has it"},
	{"smoothmq", "the Go module proxy does not have it, and it has no DeleteMessageBatch"},
}

// peerNames are those that -peers wants: all, or those that it names (comma-separated).
type peerNames []string

// allPeers are the names of all peers.
func allPeers() peerNames {
	var all peerNames
	for _, p := range peers {
		all = append(all, p.name)
	}
	return all
}

func (n *peerNames) String() string { return strings.Join(*n, ",") }

// IsBoolFlag lets -peers stand without a value.
func (*peerNames) IsBoolFlag() bool { return true }

// Set reads a value of the flag.
func (n *peerNames) Set(value string) error {
	*n = nil
	if all, err := strconv.ParseBool(value); err == nil {
		if all {
			*n = allPeers()
		}
		return nil
	}
	if value == "none" {
		return nil
	}
	for name := range strings.SplitSeq(value, ",") {
		if !slices.Contains(allPeers(), name) {
			all := allPeers()
			return fmt.Errorf("want some of %s, or none", all.String())
		}
		*n = append(*n, name)
	}
	return nil
}

// addPeers adds those of the peers that can be had, and says which cannot.
func (b *bench) addPeers(dir string, names []string) {
	for _, p := range peers {
		if !slices.Contains(names, p.name) {
			continue
		}
		b.progress("fetching %s %s", p.name, p.version)
		x, err := p.get(b.ctx, dir)
		if err != nil {
			b.report.Skip(p.name, err)
			continue
		}
		x.name, x.peer = p.name, true
		b.peers = append(b.peers, x)
		b.report.Version(p.name, p.version)
	}
	if len(names) == len(peers) {
		for _, x := range unavailable {
			b.report.Skip(x.name, fmt.Errorf("%s", x.why))
		}
	}
}

// everybody are quayside, in memory and on disk, and the peers.
func (b *bench) everybody() []subject {
	return append([]subject{b.quayside, b.durable}, b.peers...)
}

// leaveOut says aloud that a measure goes on without a peer that failed. The next measure has another
// process of it. An error of anybody else is an error of the measure.
func (b *bench) leaveOut(what string, x subject, err error) error {
	if !x.peer || b.ctx.Err() != nil {
		return fmt.Errorf("%s: %w", x.name, err)
	}
	b.report.Skip(what+", "+x.name, err)
	if s := b.running[x.name]; s != nil {
		s.failed = true
	}
	return nil
}
