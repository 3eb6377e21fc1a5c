package store

import "testing"

// Every state has as many messages as it was asked for, and they are in it.
func TestFill(t *testing.T) {
	t.Parallel()
	type counts struct{ visible, delayed, inFlight int }
	for state, want := range map[string]counts{
		"waiting": {visible: 500}, "delayed": {delayed: 500}, "in flight": {inFlight: 500},
		"one group": {visible: 500}, "group each": {visible: 500}, "dedup ids": {},
	} {
		s, err := Open(Memory, t.TempDir(), 0)
		move(t, "open", err)
		move(t, state, s.(Filling).Fill(state, 500))
		var got counts
		for _, q := range s.(*server).Stats() {
			got.visible += q.Visible
			got.delayed += q.Delayed
			got.inFlight += q.InFlight
		}
		if got != want {
			t.Errorf("%s: %+v, want %+v", state, got, want)
		}
		move(t, "close", s.Close())
	}
	if len(States) != 6 {
		t.Errorf("%d states, of which 6 were looked at", len(States))
	}
	s, err := Open(Memory, t.TempDir(), 0)
	move(t, "open", err)
	defer s.Close()
	if err := s.(Filling).Fill("lost", 1); err == nil {
		t.Error("messages were lost")
	}
}
