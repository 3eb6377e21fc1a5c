package main

import "time"

// How long a received job stays invisible. The worker keeps it invisible for as long as its file is
// read. With -dir the rest of the run waits that long for the jobs that a killed process had in hand.
const (
	leaseInMemory = 15 * time.Minute
	leaseOnDisk   = 10 * time.Second
)
