package worker

import "testing"

// The messages of one reply share a slice: one that has begun is not kept in it for
// as long as the slowest of the others runs.
func TestAMessageThatHasBegunIsNotKeptByItsReply(t *testing.T) {
	t.Parallel()
	for _, fifo := range []bool{false, true} {
		r := &run{queue: queue{fifo: fifo}}
		ms := []*Message{{Group: "g", granted: true}, {Group: "g", granted: true}}
		all := ms[:2:2]
		for _, c := range r.split(ms) {
			waiting := c.waiting
			for range len(waiting) {
				r.next(c)
			}
			for i, m := range waiting {
				if m != nil {
					t.Errorf("fifo %v: message %d is kept by its chain", fifo, i)
				}
			}
		}
		if !fifo && (all[0] != nil || all[1] != nil) {
			t.Errorf("kept by the reply: %v", all)
		}
	}
}
