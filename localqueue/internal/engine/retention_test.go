package engine

import (
	"slices"
	"testing"
)

// TestShorterRetention: no message is gone for a retention that the log does not have, nor
// for one that it refused.
func TestShorterRetention(t *testing.T) {
	t.Parallel()
	for _, refused := range []bool{false, true} {
		p := newPaper()
		var kinds []Kind
		p.refuse = func(k Kind) bool {
			kinds = append(kinds, k)
			return refused && k == KindControl
		}
		e := New([16]byte{1}, NewMessages, 1000)
		e.SetLogs(func(uint32) Log { return p })
		refusing := refused
		refused = false
		q, err := e.Create(testNow, named("q"), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			q.Messages.Send(testNow, &Message{Blob: []byte("x"), Delay: -1})
		}
		refused, kinds = refusing, nil
		later := testNow + 100*second
		if err := e.SetAttributes(later, q, map[string]string{"MessageRetentionPeriod": "60"}); err != nil {
			t.Fatal(err)
		}
		want, left := []Kind{KindControl, KindExpire}, 0
		if refusing {
			want, left = want[:1], 3
		}
		if n := q.Messages.Counts(later + second); n.Visible != left || !slices.Equal(kinds, want) {
			t.Errorf("refused %v: %d messages are left, records of kinds %v", refusing, n.Visible, kinds)
		}
		if err := q.Messages.Check(); err != nil {
			t.Error(err)
		}
	}
}
