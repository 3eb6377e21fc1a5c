//go:build !race

package localqueue_test

const raceDetector = false
