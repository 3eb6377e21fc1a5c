//go:build race

package localqueue

const poison = true
