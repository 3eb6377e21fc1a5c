// Package model compares two implementations of engine.Messages. A script of
// bytes stands for operations on a few queues, with steps of time that like to
// end at, or just before, a deadline. Both implementations are put through it,
// each with the receipt handles it gave itself; every answer must be the same
// and both must find their own invariants whole after each step.
//
// A step is stepBytes long, so that any script is a valid one and leaving out
// steps shortens it: a failing script is reported at the smallest found.
package model

import (
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
)

// New makes the messages of one queue.
type New = func(queue uint32) engine.Messages

const (
	stepBytes = 6
	maxSteps  = 600  // of a script; what follows is not read
	maxSends  = 4000 // of a script; from then on bulk sends are single ones
)

// Run fails t unless a and b answer the script alike.
func Run(t testing.TB, script []byte, a, b New) {
	t.Helper()
	if err := Diff(script, a, b); err != nil {
		small := Shrink(script, a, b)
		t.Fatalf("%v\nscript, shrunk from %d steps to %d: %x", Diff(small, a, b), len(script)/stepBytes, len(small)/stepBytes, small)
	}
}

// RunSeeds runs the random scripts of n seeds from first on.
func RunSeeds(t *testing.T, first, n uint64, steps int, a, b New) {
	t.Helper()
	for seed := first; seed < first+n; seed++ {
		if script := Script(seed, steps); Diff(script, a, b) != nil {
			t.Logf("seed %d", seed)
			Run(t, script, a, b)
		}
	}
}

// Script returns a random script; the same for the same seed.
func Script(seed uint64, steps int) []byte {
	script := make([]byte, steps*stepBytes)
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range script {
		script[i] = byte(random.Uint32())
	}
	return script
}

// Diff returns the log of the script up to the first difference between a and b,
// or nil if there is none.
func Diff(script []byte, a, b New) (err error) {
	var r *run
	defer func() {
		switch p := recover().(type) {
		case nil:
		case difference:
			err = fmt.Errorf("%s\n%s", strings.Join(r.log, "\n"), p)
		default:
			err = fmt.Errorf("%s\npanic: %v\n%s", strings.Join(r.log, "\n"), p, debug.Stack())
		}
	}()
	r = &run{}
	steps := min(len(script)/stepBytes, maxSteps)
	for i := range steps {
		s := step(script[i*stepBytes:])
		if i == 0 {
			r.open(s, a, b)
			continue
		}
		r.perform(s)
	}
	return nil
}

// Shrink leaves steps out of a failing script as long as it still fails, for at
// most some seconds.
func Shrink(script []byte, a, b New) []byte {
	enough := time.Now().Add(5 * time.Second)
	script = slices.Clone(script[:min(len(script)/stepBytes, maxSteps)*stepBytes])
	for chunk := len(script) / stepBytes / 2; chunk > 0 && time.Now().Before(enough); {
		shorter := false
		for from := len(script)/stepBytes - chunk; from > 0 && time.Now().Before(enough); from -= chunk {
			cut := slices.Delete(slices.Clone(script), from*stepBytes, (from+chunk)*stepBytes)
			if Diff(cut, a, b) != nil {
				script, shorter = cut, true
			}
		}
		if !shorter || chunk > len(script)/stepBytes {
			chunk /= 2
		}
	}
	return script
}

// difference is what a run panics with when a and b are found to differ.
type difference string

// step is one step of a script: which operation, on which queue, three choices
// the operation makes, and the time that passes before.
type step []byte

func (s step) op() byte    { return s[0] }
func (s step) queue() byte { return s[1] }
func (s step) x() byte     { return s[2] }
func (s step) y() byte     { return s[3] }
func (s step) z() byte     { return s[4] }
func (s step) time() byte  { return s[5] }

// choose picks one of the options by b.
func choose[T any](b byte, options ...T) T { return options[int(b)%len(options)] }
