package report

// Plot is a picture of the figures of one measure that say the same: how fast each subject is under each
// load, for example. Subjects and loads are in the order in which they were noted.
type Plot struct {
	Name    string  `json:"name"` // of its file, without an ending
	Title   string  `json:"title"`
	Lines   bool    `json:"lines"`   // a line for each subject against the number of the load; else bars, by load
	Measure string  `json:"measure"` // of the figures
	What    string  `json:"what"`    // of the figures
	X       string  `json:"x"`       // what loads are
	Y       string  `json:"y"`       // what is shown, with its unit
	PerUnit float64 `json:"perUnit"` // of the figures' units in one of the axis'; 0: 1
	LogX    bool    `json:"logX"`
	LogY    bool    `json:"logY"`
}

// Plot keeps a plot of figures that are noted in the same measure.
func (r *Report) Plot(p Plot) {
	m := r.results.current()
	m.Plots = append(m.Plots, p)
}

// Of are the figures that p shows.
func (p Plot) Of(all []Figure) []Figure {
	var of []Figure
	for _, x := range all {
		if x.Measure == p.Measure && x.What == p.What {
			of = append(of, x)
		}
	}
	return of
}
