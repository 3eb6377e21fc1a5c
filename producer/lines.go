package producer

// lines are those whose turn it is, linked to each other, so that any of them can leave
// at once when its last message does.
type lines struct{ first, last *line }

func (s *lines) pushBack(l *line) {
	l.prev, l.next = s.last, nil
	if s.last == nil {
		s.first = l
	} else {
		s.last.next = l
	}
	s.last = l
}

func (s *lines) pushFront(l *line) {
	l.prev, l.next = nil, s.first
	if s.first == nil {
		s.last = l
	} else {
		s.first.prev = l
	}
	s.first = l
}

func (s *lines) remove(l *line) {
	if l.prev == nil {
		s.first = l.next
	} else {
		l.prev.next = l.next
	}
	if l.next == nil {
		s.last = l.prev
	} else {
		l.next.prev = l.prev
	}
	l.prev, l.next = nil, nil
}

// dues are lines that wait until they are due: a heap, of which the first is due first.
type dues []*line

func (d dues) Len() int           { return len(d) }
func (d dues) Less(i, j int) bool { return d[i].due.Before(d[j].due) }

func (d dues) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].at, d[j].at = i, j
}

func (d *dues) Push(x any) {
	l := x.(*line)
	l.at = len(*d)
	*d = append(*d, l)
}

func (d *dues) Pop() any {
	last := len(*d) - 1
	l := (*d)[last]
	(*d)[last] = nil
	*d = (*d)[:last]
	return l
}
