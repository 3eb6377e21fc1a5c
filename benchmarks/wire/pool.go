package main

// up returns the servers of the subjects: those that run already, and new ones. Of the measures of
// throughput each has one process of every server, so that it is warmed up once. Those that cannot be had are left out.
func (b *bench) up(what string, all []subject) ([]*server, error) {
	if b.running == nil {
		b.running = map[string]*server{}
	}
	var servers []*server
	for _, x := range all {
		if s := b.running[x.name]; s != nil && s.failed {
			b.retire(x.name)
		}
		if b.running[x.name] == nil {
			s, err := b.run(x)
			if err == nil {
				if err = s.warmUp(); err != nil {
					s.close()
				}
			}
			if err != nil {
				if err := b.leaveOut(what, x, err); err != nil {
					return nil, err
				}
				continue
			}
			b.running[x.name] = s
		}
		servers = append(servers, b.running[x.name])
	}
	return servers, nil
}

// warmUp has the server work until it is as fast as it gets.
func (s *server) warmUp() error {
	if s.warm == 0 {
		return nil
	}
	q, err := s.newQueue(bodySize)
	if err != nil {
		return err
	}
	callers, err := s.callers(judged)
	defer hangUp(callers)
	if err != nil {
		return err
	}
	point(callers, q)
	if _, err := s.driveFor(callers, 1<<30, s.warm, cycle); err != nil {
		return err
	}
	return s.drop(q)
}

// retire ends the server with that name, if it runs.
func (b *bench) retire(name string) {
	if s := b.running[name]; s != nil {
		s.close()
		delete(b.running, name)
	}
}

// clear ends all that run: what is measured next is measured alone, or the run is over.
func (b *bench) clear() {
	for name := range b.running {
		b.retire(name)
	}
}
