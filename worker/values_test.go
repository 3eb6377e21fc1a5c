package worker

import "testing"

// A message that is handled many times, as Retry and FIFO queues do it, holds the last
// value of each key only.
func TestValuesDoNotGrow(t *testing.T) {
	t.Parallel()
	type a struct{}
	type b struct{}
	type c struct{}
	m := &Message{}
	for i := range 1000 {
		m.SetValue(a{}, i)
		m.SetValue(b{}, i)
		m.SetValue(c{}, i)
	}
	n := 0
	for v := m.values; v != nil; v = v.before {
		n++
	}
	if n != 3 {
		t.Errorf("the message holds %d values, want 3", n)
	}
	kept := m.values // as an entry on its way does
	m.SetValue(a{}, "new")
	for _, key := range []any{b{}, c{}} {
		if got := m.Value(key); got != 999 {
			t.Errorf("Value(%T) = %v, want 999", key, got)
		}
	}
	if got := (&Message{values: kept}).Value(a{}); got != 999 || m.Value(a{}) != "new" {
		t.Errorf("Value(a) = %v where it was kept and %v now, want 999 and new", got, m.Value(a{}))
	}
}
