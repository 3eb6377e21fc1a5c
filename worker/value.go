package worker

// A value is what SetValue has left in a message, and what was there before.
type value struct {
	key, value any
	before     *value
}

// SetValue leaves v in the message under key, for middleware and handlers further in,
// and for Options.Hook: events about what becomes of the delivery after its handler (its
// delete, or its change of visibility) still have it when the rest of the message is
// gone, so it should be small. A second value under the same key takes the place of the
// first. Values stay in a message of a FIFO queue that is tried again without another
// receive. As with context.WithValue, key should be of a type of the caller's own.
func (m *Message) SetValue(key, v any) {
	m.values = &value{key, v, m.values.without(key)}
}

// without returns v and what was there before it, but for what is under key. It changes
// none of them: deletes on their way may hold them.
func (v *value) without(key any) *value {
	switch {
	case v == nil:
		return nil
	case v.key == key:
		return v.before
	}
	before := v.before.without(key)
	if before == v.before {
		return v
	}
	return &value{v.key, v.value, before}
}

// Value returns what [Message.SetValue] has left under key, nil if nothing.
func (m *Message) Value(key any) any {
	for v := m.values; v != nil; v = v.before {
		if v.key == key {
			return v.value
		}
	}
	return nil
}
