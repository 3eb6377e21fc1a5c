package main

import (
	"cmp"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// drawLines draws a line for each subject.
func drawLines(x *plot.Plot, p report.Plot, t table, of map[string]color.RGBA) {
	slices.SortFunc(t.loads, func(a, b report.Load) int { return cmp.Compare(a.X, b.X) })
	x.Add(rules{}, lines{t, of})
	first, last := t.loads[0].X, t.loads[len(t.loads)-1].X
	x.X.Min, x.X.Max = first-0.03*(last-first), last+0.03*(last-first)
	x.X.Tick.Marker = at(t.loads)
	logarithmic(x, p, t)
	if p.LogX && first > 0 {
		x.X.Scale = plot.LogScale{}
		x.X.Min, x.X.Max = first/1.1, last*1.1
	}
	if x.X.Max == x.X.Min { // one load
		x.X.Min, x.X.Max = first-1, first+1
	}
}

// lines are the lines of all subjects.
type lines struct {
	table
	color map[string]color.RGBA
}

// Plot draws them.
func (l lines) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	for _, s := range l.subjects {
		var points []vg.Point
		for _, load := range l.loads {
			f, ok := l.at[s][load]
			if !ok {
				continue // a subject that could not bear this load
			}
			points = append(points, vg.Point{X: toX(load.X), Y: toY(f.Median)})
			if f.Rounds > 1 {
				style := draw.LineStyle{Color: l.color[s], Width: 0.8}
				c.StrokeLine2(style, toX(load.X), toY(f.Least), toX(load.X), toY(f.Greatest))
			}
		}
		c.StrokeLines(draw.LineStyle{Color: l.color[s], Width: 1.8}, points)
		for _, at := range points {
			c.DrawGlyph(draw.GlyphStyle{Color: l.color[s], Radius: 3, Shape: draw.CircleGlyph{}}, at)
		}
	}
}
