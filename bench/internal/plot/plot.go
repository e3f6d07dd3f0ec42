// Package plot draws plots as SVG. Each has a title and a text alternative, and is readable on a light and on a dark page: it brings its
// own background and follows the reader's choice. Libraries for plots draw one of the two, and no text alternative.
package plot

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// Plot is what both kinds of plots have.
type Plot struct {
	Title       string
	Description string // the text alternative
	X, Y        Axis
	Series      []Series
	Mark        *Mark
}

// Series is the values of one subject. NaN is no value.
type Series struct {
	Name string
	X, Y []float64
}

// Mark is a value that others are compared with.
type Mark struct {
	Name  string
	Value float64
}

const (
	width, height            = 760.0, 400.0
	left, right, top, bottom = 86.0, 40.0, 84.0, 58.0
	style                    = `<style>
svg{--back:#fff;--text:#1f2328;--faint:#d0d7de;--c0:#0b62b8;--c1:#b5470b;--c2:#0b7a55;--c3:#8a3f9c}
@media (prefers-color-scheme:dark){svg{--back:#0d1117;--text:#e6edf3;--faint:#3d444d;--c0:#6cb6ff;--c1:#ffa657;--c2:#56d4a4;--c3:#dcaaf0}}
.back{fill:var(--back)}text{fill:var(--text);font:13px system-ui,sans-serif}.title{font-size:16px;font-weight:600}
.grid{stroke:var(--faint)}.mark{stroke:var(--text);stroke-dasharray:2 4;stroke-width:2}
.l0,.l1,.l2,.l3{fill:none;stroke-width:2.5}
.l0{stroke:var(--c0)}.l1{stroke:var(--c1);stroke-dasharray:9 4}
.l2{stroke:var(--c2);stroke-dasharray:3 3}.l3{stroke:var(--c3);stroke-dasharray:12 3 3 3}
.f0{fill:var(--c0)}.f1{fill:var(--c1)}.f2{fill:var(--c2)}.f3{fill:var(--c3)}
</style>
`
)

// drawing is an SVG in the making.
type drawing struct {
	strings.Builder
}

func (d *drawing) add(format string, values ...any) { fmt.Fprintf(d, format+"\n", values...) }

// text writes a text at a place. The anchor is start, middle or end.
func (d *drawing) text(x, y float64, anchor, class, content string) {
	d.add(`<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>`, x, y, anchor, class, html.EscapeString(content))
}

func begin(plot Plot, height float64) *drawing {
	d := &drawing{}
	d.add(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" role="img" aria-labelledby="title description">`, width, height)
	d.add(`<title id="title">%s</title>`, html.EscapeString(plot.Title))
	d.add(`<desc id="description">%s</desc>`, html.EscapeString(plot.Description))
	d.WriteString(style)
	d.add(`<rect class="back" width="%.0f" height="%.0f" rx="6"/>`, width, height)
	d.text(left, 28, "start", "title", plot.Title)
	return d
}

// legend names the series, each with its color, from the left to the right.
func (d *drawing) legend(plot Plot) {
	x := left
	for i, series := range plot.Series {
		d.add(`<line class="l%d" x1="%.1f" x2="%.1f" y1="50" y2="50"/>`, i%4, x, x+26)
		marker(d, i, x+13, 50)
		d.text(x+33, 54, "start", "", series.Name)
		x += 56 + 7.2*float64(len([]rune(series.Name)))
	}
	if plot.Mark != nil {
		d.add(`<line class="mark" x1="%.1f" x2="%.1f" y1="50" y2="50"/>`, x, x+26)
		d.text(x+33, 54, "start", "", plot.Mark.Name)
	}
}

// marker draws the sign of a series: they differ by form, too.
func marker(d *drawing, series int, x, y float64) {
	switch class := series % 4; class {
	case 0:
		d.add(`<circle class="f0" cx="%.1f" cy="%.1f" r="4"/>`, x, y)
	case 1:
		d.add(`<rect class="f1" x="%.1f" y="%.1f" width="8" height="8"/>`, x-4, y-4)
	default:
		d.add(`<path class="f%d" d="M%.1f %.1fl5 8h-10z"/>`, class, x, y-5)
	}
}

func (d *drawing) end() []byte { return []byte(d.String() + "</svg>\n") }

// bounds returns the least and the greatest of values.
func bounds(series []Series, of func(Series) []float64, mark *Mark) (low, high float64) {
	var all []float64
	for _, one := range series {
		all = append(all, of(one)...)
	}
	if mark != nil {
		all = append(all, mark.Value)
	}
	all = slices.DeleteFunc(all, math.IsNaN)
	if len(all) == 0 {
		return 1, 2
	}
	return slices.Min(all), slices.Max(all)
}

func xs(s Series) []float64 { return s.X }
func ys(s Series) []float64 { return s.Y }

// Lines draws each series as a line.
func Lines(plot Plot) []byte {
	d := begin(plot, height)
	d.legend(plot)
	low, high := bounds(plot.Series, xs, nil)
	x := newScale(plot.X, low, high, left, width-right)
	low, high = bounds(plot.Series, ys, plot.Mark)
	y := newScale(plot.Y, low, high, height-bottom, top)
	for _, tick := range y.ticks() {
		d.add(`<line class="grid" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, left, width-right, y.place(tick), y.place(tick))
		d.text(left-8, y.place(tick)+4, "end", "", number(tick))
	}
	for _, tick := range x.ticks() {
		d.add(`<line class="grid" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, x.place(tick), x.place(tick), height-bottom, height-bottom+5)
		d.text(x.place(tick), height-bottom+20, "middle", "", number(tick))
	}
	d.text((left+width-right)/2, height-14, "middle", "", plot.X.Name)
	d.text(left-70, top-12, "start", "", plot.Y.Name)
	if plot.Mark != nil {
		at := y.place(plot.Mark.Value)
		d.add(`<line class="mark" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, left, width-right, at, at)
	}
	for i, series := range plot.Series {
		var points []string
		for at := range series.X {
			points = append(points, fmt.Sprintf("%.1f,%.1f", x.place(series.X[at]), y.place(series.Y[at])))
		}
		d.add(`<polyline class="l%d" points="%s"/>`, i%4, strings.Join(points, " "))
		for at := range series.X {
			if len(series.X) <= 12 || at%5 == 0 {
				marker(d, i, x.place(series.X[at]), y.place(series.Y[at]))
			}
		}
	}
	return d.end()
}

// Bars draws each series as bars to the right, in groups. Only X is an axis.
func Bars(plot Plot, groups []string) []byte {
	const bar, gap, names = 15.0, 14.0, 132.0
	group := bar*float64(len(plot.Series)) + gap
	floor := top + group*float64(len(groups))
	d := begin(plot, floor+bottom)
	d.legend(plot)
	low, high := bounds(plot.Series, xs, plot.Mark)
	x := newScale(plot.X, low, high, names, width-64)
	for _, tick := range x.ticks() {
		d.add(`<line class="grid" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, x.place(tick), x.place(tick), top-8, floor)
		d.text(x.place(tick), floor+18, "middle", "", number(tick))
	}
	d.text((names+width-64)/2, floor+42, "middle", "", plot.X.Name)
	for at, name := range groups {
		y := top + group*float64(at)
		d.text(names-10, y+(group-gap)/2+4, "end", "", name)
		for i, series := range plot.Series {
			if math.IsNaN(series.X[at]) {
				continue
			}
			end := x.place(series.X[at])
			d.add(`<rect class="f%d" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, i%4, names, y+bar*float64(i), max(1, end-names), bar-2)
			d.text(end+5, y+bar*float64(i)+11, "start", "", number(series.X[at]))
		}
	}
	if plot.Mark != nil {
		d.add(`<line class="mark" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, x.place(plot.Mark.Value), x.place(plot.Mark.Value), top-8, floor)
	}
	return d.end()
}
