package localqueue_test

import (
	"fmt"
	"slices"
	"strings"
)

// judge looks for the state that was recovered.
func (st *story) judge(f find) error {
	if f.err != nil {
		return f.err
	}
	for i := len(st.past) - 1; i >= f.low; i-- {
		if st.past[i].dump.At(f.at).Equal(f.dump) {
			return nil
		}
		if i > f.low && st.past[i].op.many && between(st.past[i-1].dump.At(f.at).Rows(), f.dump.Rows(), st.past[i].dump.At(f.at).Rows()) {
			return nil
		}
	}
	nearest := ""
	for i := f.low; i < len(st.past); i++ {
		text := fmt.Sprintf("after %d, %s: %s", i, st.past[i].op.name, difference(st.past[i].dump.At(f.at).Rows(), f.dump.Rows()))
		if nearest == "" || len(text) < len(nearest) {
			nearest = text
		}
	}
	return fmt.Errorf("what was recovered is none of the states %d to %d; the nearest:\n%s", f.low, len(st.past)-1, nearest)
}

// between reports whether a state is on the way from one to another: of each thing it
// says what one of them says, and it lacks nothing that both say.
func between(from, state, to []string) bool {
	for _, row := range state {
		if strings.Contains(row, " last ") { // the numbers between are what a batch has on its way
			continue
		}
		if !slices.Contains(from, row) && !slices.Contains(to, row) {
			return false
		}
	}
	for _, row := range from {
		if slices.Contains(to, row) && !slices.Contains(state, row) {
			return false
		}
	}
	return true
}

// difference tells some rows that one has and the other lacks.
func difference(live, recovered []string) string {
	var b strings.Builder
	n := 0
	tell := func(who string, rows, others []string) {
		for _, row := range rows {
			if !slices.Contains(others, row) {
				if n++; n <= 6 {
					fmt.Fprintf(&b, "\n\t%s %s", who, row)
				}
			}
		}
	}
	tell("live only:     ", live, recovered)
	tell("recovered only:", recovered, live)
	return fmt.Sprintf("%d differences%s", n, b.String())
}

// known is the last state that a power failure now may not take away.
func (st *story) known(at int64) int {
	n := 0
	if st.always {
		n = st.safe
	}
	for st.within > 0 && n+1 < len(st.past) && st.past[n+1].at+int64(st.within) < at {
		n++
	}
	return n
}

// moving reports whether a move task may run in a state from that one on.
func (st *story) moving(low int) bool {
	return strings.HasPrefix(st.op.name, "move") || slices.ContainsFunc(st.past[low:], func(m moment) bool { return m.dump.Moving() })
}
