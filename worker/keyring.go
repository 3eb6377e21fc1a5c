package worker

import "slices"

// A keyring gives every key a limited number of places. Messages for which
// there is none wait in line, in the order in which they came. It holds nothing
// for a key with no message in a place or in line. Its owner guards it.
type keyring struct {
	limit int
	lines map[string]*keyLine
	keys  map[*Message]string // of every message in a place or in line
}

// keyLine is one key's messages.
type keyLine struct {
	placed  map[*Message]struct{}
	waiting []*Message
}

func newKeyring(limit int) *keyring {
	return &keyring{limit: limit, lines: make(map[string]*keyLine), keys: make(map[*Message]string)}
}

// enter gives m a place of key. It reports false if there is none: m waits in
// line then.
func (k *keyring) enter(key string, m *Message) bool {
	l := k.lines[key]
	if l == nil {
		l = &keyLine{placed: make(map[*Message]struct{})}
		k.lines[key] = l
	}
	k.keys[m] = key
	if len(l.placed) == k.limit {
		l.waiting = append(l.waiting, m)
		return false
	}
	l.placed[m] = struct{}{}
	return true
}

// leave takes m out of its place or out of its line. It returns the message
// that has got the place, if there is one. It may be called for a message that
// never entered, or has left.
func (k *keyring) leave(m *Message) (next *Message) {
	key, ok := k.keys[m]
	if !ok {
		return nil
	}
	delete(k.keys, m)
	l := k.lines[key]
	if _, ok := l.placed[m]; !ok {
		l.waiting = slices.DeleteFunc(l.waiting, func(w *Message) bool { return w == m })
		return nil
	}
	delete(l.placed, m)
	if len(l.waiting) > 0 {
		next = l.waiting[0]
		l.waiting = slices.Delete(l.waiting, 0, 1)
		l.placed[next] = struct{}{}
	} else if len(l.placed) == 0 {
		delete(k.lines, key)
	}
	return next
}
