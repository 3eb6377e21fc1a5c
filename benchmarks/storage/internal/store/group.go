package store

// group lets the changes of many callers share a commit: while one is under way, those that come wait,
// and are the next.
type group struct {
	kv
	changes chan *change
	ended   chan struct{}
}

// mostInGroup bounds how many callers' changes are one commit.
const mostInGroup = 1024

// grouped takes what opens a kv returns.
func grouped(kv kv, err error) (kv, error) {
	if err != nil {
		return nil, err
	}
	g := &group{kv: kv, changes: make(chan *change, mostInGroup), ended: make(chan struct{})}
	go g.run()
	return g, nil
}

func (g *group) commit(c *change) error {
	g.changes <- c
	return <-c.done
}

// run commits until close.
func (g *group) run() {
	defer close(g.ended)
	var waiting []*change
	var all change
	for first := range g.changes {
		waiting = append(waiting[:0], first)
		for range len(g.changes) {
			waiting = append(waiting, <-g.changes) // nobody else receives from it
		}
		all.puts, all.deletes = all.puts[:0], all.deletes[:0]
		for _, c := range waiting {
			all.puts = append(all.puts, c.puts...)
			all.deletes = append(all.deletes, c.deletes...)
		}
		err := g.kv.commit(&all)
		for _, c := range waiting {
			c.done <- err
		}
	}
}

func (g *group) close() error {
	close(g.changes)
	<-g.ended
	return g.kv.close()
}
