package main

import (
	"io"
	"math"
	"testing"
)

// Of all that was measured, the worst is judged; what is not known is not.
func TestJudgeRequests(t *testing.T) {
	t.Parallel()
	b := tiny(t, io.Discard)
	for _, requests := range [][]float64{{0.2}, {0.3}, {0.25}, {math.NaN()}, nil} {
		b.judgeRequests("load", "x", requests, []float64{0.2}, "here")
	}
	if got, _ := b.report.Reached("load x"); math.Abs(got-1.5) > 1e-9 {
		t.Errorf("ratio %v, want 1.5", got)
	}
}

func TestJudgeOutlived(t *testing.T) {
	t.Parallel()
	b := tiny(t, io.Discard)
	b.judgeOutlived("x", outlived{perMessage: []float64{1, 1.5, 1}})
	b.judgeOutlived("failed", outlived{})
	if got, _ := b.report.Reached("outlive x"); got != 1.5 {
		t.Errorf("ratio %v, want 1.5", got)
	}
	if got, ok := b.report.Reached("outlive failed"); ok {
		t.Errorf("ratio %v of none", got)
	}
}

// One message that is lost in one round of several is missed, and one that is handled twice; what is still in
// the queue is not lost.
func TestJudgeRestarted(t *testing.T) {
	t.Parallel()
	b := tiny(t, io.Discard)
	b.judgeRestarted("x", restarted{sent: []float64{5, 5}, never: []float64{0, 2}, twice: []float64{2, 0}, last: []float64{1, 2}})
	b.judgeRestarted("late", restarted{sent: []float64{5}, never: []float64{2}, twice: []float64{0}, last: []float64{b.plan.restart.limit.Seconds()}})
	b.judgeRestarted("failed", restarted{})
	for key, want := range map[string]float64{"restart handled x": 0.8, "restart again x": 1.25} {
		if got, _ := b.report.Reached(key); got != want {
			t.Errorf("%s: ratio %v, want %v", key, got, want)
		}
	}
	for _, who := range []string{"late", "failed"} {
		if got, ok := b.report.Reached("restart handled " + who); ok {
			t.Errorf("%s: ratio %v", who, got)
		}
	}
}
