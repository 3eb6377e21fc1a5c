package report

import "math"

// Target is a bound that a ratio has to keep.
type Target struct {
	Key, Name, Yardstick string
	Least                bool // the ratio has to be at least Bound; else at most
	Bound                float64
}

// AtLeast is a target for a ratio that is the better the greater it is.
func AtLeast(key, name, yardstick string, bound float64) Target {
	return Target{key, name, yardstick, true, bound}
}

// AtMost is a target for a ratio that is the better the smaller it is.
func AtMost(key, name, yardstick string, bound float64) Target {
	return Target{key, name, yardstick, false, bound}
}

// reached is a figure beside its yardstick.
type reached struct {
	figure, yardstick string
	ratio             float64
}

// Reach notes the figure of the target with that key, its yardstick and their ratio, which is what the
// target bounds.
func (r *Report) Reach(key, figure, yardstick string, ratio float64) {
	if r.reached == nil {
		r.reached = map[string]reached{}
	}
	r.reached[key] = reached{figure, yardstick, ratio}
}

// Reached returns the ratio that was noted for a target; false: none was.
func (r *Report) Reached(key string) (ratio float64, ok bool) {
	got, ok := r.reached[key]
	return got.ratio, ok
}

// met tells whether a ratio keeps the bound.
func (t Target) met(ratio float64) bool {
	if t.Least {
		return ratio >= t.Bound
	}
	return ratio <= t.Bound
}

// bounded is the bound as it is written.
func (t Target) bounded() string {
	if t.Least {
		return ">= " + Ratio(t.Bound)
	}
	return "<= " + Ratio(t.Bound)
}

// Verdicts writes every target beside what was reached.
func (r *Report) Verdicts(targets []Target) {
	t := r.Table("Targets", "what", "figure", "yardstick", "its figure", "ratio", "target", "met")
	for _, x := range targets {
		got, ok := r.reached[x.Key]
		if !ok || math.IsNaN(got.ratio) {
			t.Row(x.Name, "-", x.Yardstick, "-", "-", x.bounded(), "not measured")
			continue
		}
		verdict := "NO"
		if x.met(got.ratio) {
			verdict = "yes"
		}
		t.Row(x.Name, got.figure, x.Yardstick, got.yardstick, Ratio(got.ratio), x.bounded(), verdict)
	}
	r.Flush()
}
