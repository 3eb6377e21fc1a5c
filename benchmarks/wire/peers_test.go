package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
	"github.com/quayside-go/quayside/benchmarks/internal/remote"
)

// genuine is a server that keeps messages.
func genuine(name string) subject {
	return subject{name: name, start: func(ctx context.Context, _ string) (*process.Process, error) {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		return process.Start(ctx, self, remote.Argument)
	}}
}

// small is a run with servers that keep messages: quayside, and a peer that is as honest. Another peer
// answers as if it kept them, and the last does not start.
func small(t *testing.T, out *strings.Builder) *bench {
	b := tiny(t, out)
	b.quayside, b.durable = genuine("quayside"), genuine("quayside --dir")
	honest := genuine("honest")
	liar := yardstickOf("ceiling")
	liar.name, liar.forgets = "liar", false
	lost := subject{name: "lost", start: func(context.Context, string) (*process.Process, error) { return nil, errors.New("no such program") }}
	for _, x := range []subject{honest, liar, lost} {
		x.peer = true
		b.peers = append(b.peers, x)
	}
	b.plan.depths, b.plan.groups = []int{0, 100}, []int{1, 10}
	b.plan.filling, b.plan.draining, b.plan.deepestBody = patience, patience, 100
	b.plan.deepestOf = shallow
	b.plan.rounds, b.plan.wakes, b.plan.peerRounds, b.plan.peerWakes, b.plan.longest = 1, 2, 1, 2, 10*patience
	return b
}

// rows counts the rows that begin with these words.
func rows(out string, words ...string) int {
	n := 0
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		if len(f) >= len(words) && slices.Equal(f[:len(words)], words) {
			n++
		}
	}
	return n
}

// Peers that fail in any way are left out aloud, and shown as failed; the others are measured.
func TestPeers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		run  func(*bench) error
		lies bool // a peer that keeps no message is found out
		want [][]string
	}{
		{"send", func(b *bench) error { return b.throughput(workloads[0]) }, true, [][]string{{"16", "quayside"}, {"16", "quayside", "--dir"}, {"16", "honest"}, {"64", "liar", "failed"}, {"1", "lost", "failed"}}},
		{"depth", (*bench).depth, true, [][]string{{"quayside"}, {"honest"}, {"liar", "failed"}, {"lost", "failed"}}},
		{"fifo", (*bench).fifo, true, [][]string{{"1", "quayside"}, {"10", "quayside"}, {"10", "honest"}, {"10", "liar", "failed"}, {"1", "lost", "failed"}}},
		{"sdk", (*bench).sdkClient, true, [][]string{{"quayside", "AWS", "SDK"}, {"honest", "lean", "client"}, {"liar", "lean", "client", "failed"}, {"lost", "AWS", "SDK", "failed"}}},
		{"wake", (*bench).wake, false, [][]string{{"quayside"}, {"honest"}, {"lost", "failed"}}},
		{"start", (*bench).startup, false, [][]string{{"quayside"}, {"honest"}, {"lost", "failed"}}},
		{"empty", (*bench).empty, true, [][]string{{"quayside", "1000"}, {"quayside", "--dir", "1000"}, {"honest", "1000"}, {"liar", "1000", "failed"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			b := small(t, &out)
			if err := c.run(b); err != nil {
				t.Fatal(err)
			}
			b.report.Flush()
			want := c.want
			for _, words := range want {
				if rows(out.String(), words...) == 0 {
					t.Errorf("no row %q", words)
				}
			}
			if !strings.Contains(out.String(), "lost: start: no such program") {
				t.Error("it does not say why lost is left out")
			}
			if c.lies && !strings.Contains(out.String(), "liar: ") {
				t.Error("it does not say why liar is left out")
			}
			if t.Failed() {
				t.Log(out.String())
			}
		})
	}
}

// What is not a peer has to work.
func TestLeaveOut(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	b := small(t, &out)
	broken := errors.New("broken")
	if err := b.leaveOut("send", b.quayside, broken); !errors.Is(err, broken) {
		t.Errorf("quayside failed: %v", err)
	}
	if err := b.leaveOut("send", b.peers[0], broken); err != nil || !strings.Contains(out.String(), "SKIPPED send, honest: broken") {
		t.Errorf("a peer failed: %v, %q", err, &out)
	}
	ctx, stop := context.WithCancel(b.ctx)
	stop()
	b.ctx = ctx
	if err := b.leaveOut("send", b.peers[0], broken); !errors.Is(err, broken) {
		t.Errorf("at the end of the run: %v", err)
	}
}

func TestFindPython(t *testing.T) {
	t.Parallel()
	if path, err := findPython(t.Context(), 99); err == nil {
		t.Errorf("Python 3.99 is %s", path)
	}
}
