package killtest_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/hook"
)

var (
	kills = flag.Int("kills", 12, "how often the server is killed")
	seed  = flag.Uint64("seed", 0, "makes the choices of the run with this seed again; 0: new ones")
	keep  = flag.String("keep", "", "a `folder` that gets copies of the server's, as each of its last lives before a failure found it")
)

func TestMain(m *testing.M) {
	hook.LeastSegment = 256 << 10 // so that there are many
	if config, ok := os.LookupEnv(childEnv); ok {
		os.Exit(child(config, os.Stdin, os.Stdout, os.Stderr))
	}
	flag.Parse()
	if *seed == 0 {
		*seed = rand.Uint64()>>32 + 1
	}
	os.Exit(m.Run())
}

// choices are those of one of several streams of the seed.
func choices(stream ...uint64) *rand.Rand {
	mixed := uint64(0)
	for _, n := range stream {
		mixed = (mixed ^ n) * 0x9e3779b97f4a7c15
	}
	return rand.New(rand.NewPCG(*seed, mixed))
}

// chance is true in p of 100 cases.
func chance(r *rand.Rand, p float64) bool { return r.Float64()*100 < p }

// pick is one of the choices.
func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }
