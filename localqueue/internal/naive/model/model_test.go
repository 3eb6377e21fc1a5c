package model_test

import (
	"testing"

	"github.com/quayside-go/quayside/localqueue/internal/naive"
	"github.com/quayside-go/quayside/localqueue/internal/naive/model"
)

func TestSameIsSame(t *testing.T) {
	t.Parallel()
	model.RunSeeds(t, 1, 60, 300, naive.New, naive.New)
}
