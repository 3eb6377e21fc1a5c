package main

import (
	"bytes"
	"context"
	"fmt"

	"golang.org/x/perf/benchfmt"
)

// lane is a benchmark that runs in a process of its own, anew in every round.
type lane struct {
	run func(context.Context) ([]byte, error) // returns its result in the format of Go's benchmarks
	got map[string][]float64                  // by unit, a value a round
}

func newLane(run func(context.Context) ([]byte, error)) *lane {
	return &lane{run: run, got: map[string][]float64{}}
}

// of are the values in a unit: a time is in seconds, whatever the benchmark reports.
func (l *lane) of(unit string) []float64 { return l.got[unit] }

// round runs the benchmark once more.
func (l *lane) round(ctx context.Context) error {
	out, err := l.run(ctx)
	if err != nil {
		return err
	}
	values, err := parse(out)
	if err != nil {
		return err
	}
	for _, v := range values {
		l.got[v.Unit] = append(l.got[v.Unit], v.Value)
	}
	return nil
}

// race runs all lanes in every round, each of which begins with another. What is said is what they are.
func (b *bench) race(what string, lanes ...*lane) error {
	return b.raceFor(b.plan.rounds, what, lanes...)
}

func (b *bench) raceFor(rounds int, what string, lanes ...*lane) error {
	for i := range rounds {
		b.progress("%s, round %d of %d", what, i+1, rounds)
		for j := range lanes {
			if err := lanes[(i+j)%len(lanes)].round(b.ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// parse reads the one result that a benchmark wrote.
func parse(out []byte) ([]benchfmt.Value, error) {
	var found []benchfmt.Value
	results := 0
	r := benchfmt.NewReader(bytes.NewReader(out), "the benchmark")
	for r.Scan() {
		switch x := r.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, x
		case *benchfmt.Result:
			results++
			found = append(found, x.Values...)
		}
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	if results != 1 {
		return nil, fmt.Errorf("%d benchmarks ran, want one: %s", results, bytes.TrimSpace(out))
	}
	return found, nil
}
