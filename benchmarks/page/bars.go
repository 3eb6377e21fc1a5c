package main

import (
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// groupWidth is the share of its place that a group of bars takes.
const groupWidth = 0.8

// drawBars draws a group of bars for each load. On a logarithmic scale, where no bar begins at 0, there are
// points in their places.
func drawBars(x *plot.Plot, p report.Plot, t table, of map[string]color.RGBA) {
	labels := make([]string, len(t.loads))
	for i, l := range t.loads {
		labels[i] = strings.ReplaceAll(l.Text, ", ", ",\n")
	}
	x.Add(rules{}, bars{t, of, logarithmic(x, p, t)})
	x.NominalX(labels...)
	x.X.Padding, x.X.Min, x.X.Max = 4, -0.5, float64(len(labels))-0.5
}

// logarithmic gives the Y axis its scale, and tells whether it is a logarithmic one.
func logarithmic(x *plot.Plot, p report.Plot, t table) bool {
	if p.LogY && least(t) > 0 {
		x.Y.Scale, x.Y.Tick.Marker = plot.LogScale{}, logTicks{}
		x.Y.Min, x.Y.Max = least(t)/1.3, 1.3*most(t)
		return true
	}
	x.Y.Min, x.Y.Max, x.Y.Tick.Marker = 0, 1.05*most(t), ticks{}
	return false
}

// most is the greatest value.
func most(t table) float64 {
	v := 0.0
	for _, of := range t.at {
		for _, f := range of {
			v = max(v, f.Greatest)
		}
	}
	if v == 0 {
		return 1 // all are 0
	}
	return v
}

// least is the smallest value.
func least(t table) float64 {
	v := math.Inf(1)
	for _, of := range t.at {
		for _, f := range of {
			v = min(v, f.Least)
		}
	}
	return v
}

// bars are the bars of all groups.
type bars struct {
	table
	color  map[string]color.RGBA
	points bool
}

// Plot draws them.
func (b bars) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	one := groupWidth / float64(len(b.subjects))
	for i, l := range b.loads {
		for j, s := range b.subjects {
			f, ok := b.at[s][l]
			if !ok {
				continue // a subject that could not bear this load
			}
			left := float64(i) - groupWidth/2 + float64(j)*one
			middle := toX(left + 0.46*one)
			if !b.points {
				b.bar(c, s, toX(left), toX(left+0.92*one), toY(0), toY(f.Median))
			}
			if f.Rounds > 1 {
				whisker(c, middle, toY(f.Least), toY(f.Greatest))
			}
			if b.points {
				c.DrawGlyph(draw.GlyphStyle{Color: b.color[s], Radius: 4, Shape: draw.CircleGlyph{}}, vg.Point{X: middle, Y: toY(f.Median)})
			}
		}
	}
}

func (b bars) bar(c draw.Canvas, subject string, left, right, foot, top vg.Length) {
	c.FillPolygon(b.color[subject], []vg.Point{{X: left, Y: foot}, {X: left, Y: top}, {X: right, Y: top}, {X: right, Y: foot}})
}

// whisker is a line from the least round to the greatest.
func whisker(c draw.Canvas, x, least, greatest vg.Length) {
	const half = 2
	for _, style := range []draw.LineStyle{{Color: color.White, Width: 2}, {Color: ink, Width: 0.8}} { // it crosses light and dark
		c.StrokeLine2(style, x, least, x, greatest)
		c.StrokeLine2(style, x-half, least, x+half, least)
		c.StrokeLine2(style, x-half, greatest, x+half, greatest)
	}
}

// rules are thin lines at the labels of the Y axis.
type rules struct{}

// Plot draws them.
func (rules) Plot(c draw.Canvas, p *plot.Plot) {
	_, toY := p.Transforms(&c)
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if !t.IsMinor() {
			c.StrokeLine2(draw.LineStyle{Color: grid, Width: 0.6}, c.Min.X, toY(t.Value), c.Max.X, toY(t.Value))
		}
	}
}
