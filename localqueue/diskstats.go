package localqueue

// DiskStats are figures of what a durable server has on its disk.
type DiskStats struct {
	Segments int   // of the log, the one written to included; not those that stand ready
	Bytes    int64 // written to them
	Live     int64 // of these are needed, about
	// Full is whether no segment can be made for lack of room, so that calls are, or will
	// soon be, refused with ErrFull.
	Full bool
}

// Disk returns the figures of a durable server, zero for one in memory.
func (s *Server) Disk() (stats DiskStats) {
	if s.disk == nil {
		return stats
	}
	for _, info := range s.disk.log.Segments() {
		stats.Segments++
		stats.Bytes += info.Used
		stats.Live += min(s.disk.ledger.Needed(info.Number), info.Used)
	}
	stats.Full = s.disk.log.Full()
	return stats
}
