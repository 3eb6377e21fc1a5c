package engine

import "testing"

// TestTaskProgress: a move task goes on where it was, however often the segment that
// tells was emptied.
func TestTaskProgress(t *testing.T) {
	t.Parallel()
	r, q := small(t, "c")
	for range 6 {
		r.sendTo(q, Message{})
	}
	arn := r.e.Lookup(r.name("a")).Name.ARN()
	if _, err := r.e.StartTask(r.now, q, MoveRequest{Destination: &arn}); err != nil {
		t.Fatal(err)
	}
	for moved := 1; moved <= 5; moved++ {
		before := r.turn()
		n, _ := r.e.TaskTarget(r.now, q)
		r.e.StepTask(r.now, q, r.e.Lookup(n))
		r.turn()
		r.e.Tag(r.now, r.e.Lookup(r.name("b")), map[string]string{"k": "v"})
		for _, to := range []*Queue{q, r.e.Lookup(n)} { // so that no message needs the record of the step
			for at, more := (Cursor{}), true; more; more = to.Messages.(Durable).Restate(r.now, func(n uint32) bool { return n > before }, &at) {
			}
		}
		r.empties(before, before+1)
		r.recovered()
		q = r.e.Lookup(q.Name)
		if got := q.running(); got == nil || got.Moved != moved {
			t.Fatalf("after %d steps: %+v", moved, got)
		}
	}
}

// TestProgressIsNeeded: the record of the latest step stays, though nothing else in
// it is needed.
func TestProgressIsNeeded(t *testing.T) {
	t.Parallel()
	r, q := small(t, "c")
	r.sendTo(q, Message{})
	r.sendTo(q, Message{})
	arn := r.e.Lookup(r.name("a")).Name.ARN()
	if _, err := r.e.StartTask(r.now, q, MoveRequest{Destination: &arn}); err != nil {
		t.Fatal(err)
	}
	sent := r.turn()
	n, _ := r.e.TaskTarget(r.now, q)
	to := r.e.Lookup(n)
	r.e.StepTask(r.now, q, to)
	step := r.turn()
	if err := r.e.Purge(r.now, to); err != nil { // neither its message nor its last number is needed of the step
		t.Fatal(err)
	}
	r.sendTo(q, Message{}) // another witness
	r.turn()
	r.e.Tag(r.now, to, map[string]string{"k": "v"})
	if r.log.Needed(step) != weightOfWitness {
		t.Errorf("of the segment with the step %d bytes are needed", r.log.Needed(step))
	}
	r.empties(sent)
	r.recovered()
	if got := r.e.Lookup(q.Name).running(); got == nil || got.Moved != 1 {
		t.Errorf("after one step: %+v", got)
	}
}
