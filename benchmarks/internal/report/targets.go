package report

import (
	"errors"
	"fmt"
	"math"
)

// Target is a bound that a ratio has to keep.
type Target struct {
	Key, Name, Yardstick string
	Least                bool // the ratio has to be at least Bound; else at most
	Bound                float64

	holds    bool // on any machine, however busy, the ratio keeps anywhere
	anywhere float64
}

// Verdict is a target beside what was reached, as it was written.
type Verdict struct {
	Name      string `json:"name"`
	Figure    string `json:"figure"`
	Yardstick string `json:"yardstick"`
	Its       string `json:"its"` // the yardstick's figure
	Ratio     string `json:"ratio"`
	Bound     string `json:"bound"`
	Met       string `json:"met"` // yes, NO, or "not measured"
}

// AtLeast is a target for a ratio that is the better the greater it is.
func AtLeast(key, name, yardstick string, bound float64) Target {
	return Target{Key: key, Name: name, Yardstick: yardstick, Least: true, Bound: bound}
}

// AtMost is a target for a ratio that is the better the smaller it is.
func AtMost(key, name, yardstick string, bound float64) Target {
	return Target{Key: key, Name: name, Yardstick: yardstick, Bound: bound}
}

// Anywhere is the target with a bound that the ratio keeps on any machine, however busy it is: the target's
// own, or a wider one. Asserted looks at it.
func (t Target) Anywhere(bound float64) Target {
	t.holds, t.anywhere = true, bound
	return t
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

// met tells whether a ratio keeps a bound.
func (t Target) met(ratio, bound float64) bool {
	if t.Least {
		return ratio >= bound
	}
	return ratio <= bound
}

// written is a bound as it is written.
func (t Target) written(bound float64) string {
	if t.Least {
		return ">= " + Ratio(bound)
	}
	return "<= " + Ratio(bound)
}

// verdict judges a target.
func (r *Report) verdict(x Target) Verdict {
	v := Verdict{x.Name, "-", x.Yardstick, "-", "-", x.written(x.Bound), "not measured"}
	got, ok := r.reached[x.Key]
	if !ok || math.IsNaN(got.ratio) {
		return v
	}
	v.Figure, v.Its, v.Ratio, v.Met = got.figure, got.yardstick, Ratio(got.ratio), "NO"
	if x.met(got.ratio, x.Bound) {
		v.Met = "yes"
	}
	return v
}

// Verdicts writes every target beside what was reached.
func (r *Report) Verdicts(targets []Target) {
	r.Flush()
	verdicts := Report{Out: r.Out, Markdown: r.Markdown} // its table is no measure's
	t := verdicts.Table("Targets", "what", "figure", "yardstick", "its figure", "ratio", "target", "met")
	for _, x := range targets {
		v := r.verdict(x)
		r.results.Targets = append(r.results.Targets, v)
		t.Row(v.Name, v.Figure, v.Yardstick, v.Its, v.Ratio, v.Bound, v.Met)
	}
	verdicts.Flush()
}

// Asserted returns an error that names the targets whose bound for any machine was not kept, of those that
// were measured; also if that is none of them.
func (r *Report) Asserted(targets []Target) error {
	var missed []error
	judged := 0
	for _, x := range targets {
		got, ok := r.reached[x.Key]
		if !x.holds || !ok || math.IsNaN(got.ratio) {
			continue
		}
		judged++
		if !x.met(got.ratio, x.anywhere) {
			missed = append(missed, fmt.Errorf("%s: %s beside %s (%s) is %s, and anywhere %s",
				x.Name, got.figure, got.yardstick, x.Yardstick, Ratio(got.ratio), x.written(x.anywhere)))
		}
	}
	if judged == 0 {
		return errors.New("nothing was measured that holds anywhere")
	}
	return errors.Join(missed...)
}
