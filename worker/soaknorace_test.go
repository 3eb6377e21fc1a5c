//go:build !race

package worker_test

const soakRaces = false
