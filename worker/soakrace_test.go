//go:build race

package worker_test

const soakRaces = true // the race detector is on, and days are shorter
