package main

import (
	"bytes"
	"image/color"
	"os"
	"path/filepath"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/quayside-go/quayside/benchmarks/internal/report"
)

// What all plots have alike. The background is not transparent, so that text can be read on a dark page.
const (
	width, height = vg.Length(620), vg.Length(300)
	margin        = vg.Length(10)
)

var (
	ink  = rgb(0x24292f)
	grid = rgb(0xdcdfe3)
)

// plotFile is the name of a plot's file.
func plotFile(r *report.Results, p report.Plot) string { return r.Program + "-" + p.Name + ".svg" }

// writePlots draws all plots of a comparison.
func (c *colours) writePlots(dir string, r *report.Results) error {
	for _, m := range r.Measures {
		for _, p := range m.Plots {
			of := p.Of(m.Figures)
			if len(of) == 0 {
				continue // what was skipped
			}
			svg, err := c.draw(p, of)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, plotFile(r, p)), svg, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// table is the figures of a plot by subject and load, in the order in which they were noted.
type table struct {
	subjects []string
	loads    []report.Load
	at       map[string]map[report.Load]report.Figure
}

func tabulate(p report.Plot, figures []report.Figure) table {
	t := table{at: map[string]map[report.Load]report.Figure{}}
	unit := p.PerUnit
	if unit == 0 {
		unit = 1
	}
	for _, f := range figures {
		if !slices.Contains(t.subjects, f.Subject) {
			t.subjects = append(t.subjects, f.Subject)
			t.at[f.Subject] = map[report.Load]report.Figure{}
		}
		if !slices.Contains(t.loads, f.Load) {
			t.loads = append(t.loads, f.Load)
		}
		f.Median, f.Least, f.Greatest = f.Median/unit, f.Least/unit, f.Greatest/unit
		t.at[f.Subject][f.Load] = f
	}
	return t
}

// draw returns a plot as SVG.
func (c *colours) draw(p report.Plot, figures []report.Figure) ([]byte, error) {
	t := tabulate(p, figures)
	of := c.plot(t.subjects)
	x := newPlot(p)
	if p.Lines {
		drawLines(x, p, t, of)
	} else {
		drawBars(x, p, t, of)
	}
	canvas := vgsvg.New(width, height)
	all := draw.New(canvas)
	all.SetColor(color.White)
	all.Fill(all.Rectangle.Path())
	all = draw.Crop(all, margin, -margin, margin, -margin)
	legend := legendOf(t, of)
	beside := legend.Rectangle(all).Size().X
	legend.Draw(draw.Crop(all, all.Size().X-beside, 0, 0, -2*margin))
	x.Draw(draw.Crop(all, 0, -beside-2*margin, 0, 0))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return nil, err
	}
	return bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;")), nil
}

// newPlot is a plot with nothing in it.
func newPlot(p report.Plot) *plot.Plot {
	x := plot.New()
	x.Title.Text, x.X.Label.Text, x.Y.Label.Text = p.Title, p.X, p.Y
	x.Title.Padding = margin
	for style, size := range map[*text.Style]vg.Length{
		&x.Title.TextStyle: 13, &x.X.Label.TextStyle: 11, &x.Y.Label.TextStyle: 11, &x.X.Tick.Label: 10, &x.Y.Tick.Label: 10,
	} {
		style.Font, style.Color = sans(size), ink
	}
	for _, a := range []*plot.Axis{&x.X, &x.Y} {
		a.LineStyle.Color, a.Tick.LineStyle.Color = ink, ink
	}
	return x
}

func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

// legendOf names the subjects.
func legendOf(t table, of map[string]color.RGBA) plot.Legend {
	l := plot.NewLegend()
	l.Top, l.Left = true, true
	l.TextStyle.Font, l.TextStyle.Color = sans(10), ink
	l.ThumbnailWidth, l.Padding = 10, 3
	for _, s := range t.subjects {
		l.Add(s, swatch{of[s]})
	}
	return l
}

// swatch is a subject's colour in the legend.
type swatch struct{ color color.RGBA }

// Thumbnail fills its place.
func (s swatch) Thumbnail(c *draw.Canvas) {
	c.SetColor(s.color)
	c.Fill(c.Rectangle.Path())
}
