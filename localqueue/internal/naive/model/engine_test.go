package model_test

import (
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/engine"
	"github.com/quayside-go/quayside/localqueue/internal/naive"
	"github.com/quayside-go/quayside/localqueue/internal/naive/model"
)

func TestEngine(t *testing.T) {
	t.Parallel()
	model.RunSeeds(t, 1, 300, 300, naive.New, engine.NewMessages)
}

func FuzzEngine(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(model.Script(seed, 60))
	}
	f.Fuzz(func(t *testing.T, script []byte) { model.Run(t, script, naive.New, engine.NewMessages) })
}
