package localqueue

import (
	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/journal"
)

// Damage is what Options.OnDamage is told of a message that could not be read when it
// was to be handed out.
type Damage struct {
	Account, Region, Queue string
	MessageID              string
	Where                  *DamageError
}

// spoilt counts a message that cannot be read and tells OnDamage. No lock is held.
func (q *queue) spoilt(d *engine.Delivery, damage *journal.DamageError) {
	q.mu.Lock()
	q.did.damaged++
	q.mu.Unlock()
	if tell := q.s.opts.OnDamage; tell != nil {
		n := q.q.Name
		tell(Damage{
			Account: n.Account, Region: n.Region, Queue: n.Queue,
			MessageID: string(q.s.ident.AppendID(nil, d.Origin)),
			Where:     &DamageError{damage.File, int64(damage.Pos.Offset), damage.Reason},
		})
	}
}
