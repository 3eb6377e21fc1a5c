package main

import (
	"context"
	"flag"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/benchmarks/internal/program"
	"github.com/quayside-go/quayside/benchmarks/internal/remote"
	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// Yardsticks are this program started again; here that is the test binary. It also stands for quayside,
// where a server is wanted that keeps messages.
func TestMain(m *testing.M) {
	p := comparison()
	p.Child[remote.Argument] = program.UntilAlone(func(ctx context.Context, _ []string, out io.Writer) error { return remote.Serve(ctx, out) })
	p.Test(m)
}

// tiny is a run against the ceiling in quayside's place: the ceiling answers all that throughput and
// start-up ask.
func tiny(t *testing.T, out io.Writer) *bench {
	stand := yardstickOf("ceiling")
	stand.name = "quayside"
	second := stand
	second.name = "quayside --dir"
	b := &bench{
		ctx: t.Context(), plan: plan{races: 4, peerRaces: 2, slice: time.Millisecond, starts: 2, peerStarts: 1},
		report:   &report.Report{Out: out},
		progress: func(string, ...any) {},
		quayside: stand, durable: second, ceiling: yardstickOf("ceiling"), fixed: yardstickOf("fixed"), raw: yardstickOf("raw"),
		dir: t.TempDir(),
	}
	t.Cleanup(b.clear)
	return b
}

func TestThroughput(t *testing.T) {
	t.Parallel()
	for _, w := range workloads {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			b := tiny(t, &out)
			if err := b.throughput(w); err != nil {
				t.Fatal(err)
			}
			b.report.Flush()
			if got := strings.Count(out.String(), " quayside "); got != 2*len(connections) {
				t.Errorf("%d rows of quayside, want two for each number of connections:\n%s", got, &out)
			}
			if got, ok := b.report.Reached(w.name); w.name != "single" && (!ok || !(got > 0)) {
				t.Errorf("the target was not judged: %v", got)
			}
		})
	}
}

// The ceiling's reply says that a message was received; a queue would know that there is none.
func TestThroughputFails(t *testing.T) {
	t.Parallel()
	b := tiny(t, io.Discard)
	b.quayside = yardstickOf("fixed") // it answers with ten messages where one was asked for
	b.quayside.name = "quayside"
	err := b.throughput(workload{name: "single", op: receiveDelete})
	if err == nil || !strings.Contains(err.Error(), "quayside: asked for one message") {
		t.Errorf("got %v; want what the server did wrong", err)
	}
}

func TestStartup(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	b := tiny(t, &out)
	if err := b.startup(); err != nil {
		t.Fatal(err)
	}
	if got, _ := b.report.Reached("start"); !(got > 0) {
		t.Errorf("the target was not judged: %v", got)
	}
}

func TestProgram(t *testing.T) {
	t.Parallel()
	if err := comparison().Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{yardstickArgument}, {yardstickArgument, "fixed", "many"}, {yardstickArgument, "slow", "1"}, {"-deepest", "-1"}} {
		if err := comparison().Run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
}

func TestPeersFlag(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "goaws,elasticmq,localstack,moto,ministack"}, {[]string{"-peers=goaws", "-peers"}, "goaws,elasticmq,localstack,moto,ministack"}, {[]string{"-peers=none"}, ""}, {[]string{"-peers=goaws"}, "goaws"},
		{[]string{"-peers", "-peers=false"}, ""}, {[]string{"-peers=elasticmq"}, "elasticmq"}, {[]string{"-peers=rabbit"}, "error"}, {[]string{"-peers=goaws,elasticmq"}, "goaws,elasticmq"},
	} {
		o := options{peers: allPeers()}
		f := flag.NewFlagSet("wire", flag.ContinueOnError)
		f.SetOutput(io.Discard)
		o.flags(f)
		got := "error"
		if f.Parse(c.args) == nil {
			got = o.peers.String()
		}
		if got != c.want {
			t.Errorf("%v: %q, want %q", c.args, got, c.want)
		}
	}
}
