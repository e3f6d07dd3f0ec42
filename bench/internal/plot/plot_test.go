package plot

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestScales(t *testing.T) {
	for _, test := range []struct {
		axis      Axis
		low, high float64
		ticks     string
	}{
		{Axis{AtZero: true}, 0.4, 1.02, "[0 0.2 0.4 0.6 0.8 1 1.2]"},
		{Axis{}, 95, 104, "[95 96 97 98 99 100 101 102 103 104]"},
		{Axis{AtZero: true}, 30, 30, "[0 5 10 15 20 25 30]"},
		{Axis{Log: true}, 12, 90_000, "[10 100 1000 10000 100000]"},
		{Axis{Log: true}, 1, 1, "[1 10]"},
		{Axis{AtZero: true}, 0, 0, "[0 0.2 0.4 0.6 0.8 1]"},
	} {
		made := newScale(test.axis, test.low, test.high, 100, 300)
		var ticks []string
		for _, tick := range made.ticks() {
			ticks = append(ticks, fmt.Sprint(math.Round(tick*1e6)/1e6))
		}
		if got := fmt.Sprint(ticks); got != test.ticks {
			t.Errorf("%v to %v: ticks %s, want %s", test.low, test.high, got, test.ticks)
		}
		if made.place(made.low) != 100 || math.Abs(made.place(made.top)-300) > 1e-9 {
			t.Errorf("%v to %v: from %v to %v", test.low, test.high, made.place(made.low), made.place(made.top))
		}
	}
	if at := newScale(Axis{Log: true}, 1, 100, 0, 200).place(10); math.Abs(at-100) > 1e-9 {
		t.Errorf("the middle of a logarithmic axis is at %v", at)
	}
}

func TestNumbers(t *testing.T) {
	for value, want := range map[float64]string{0: "0", 0.25: "0.25", 1: "1", 12.5: "12.5", 1000: "1,000", 1234567: "1,234,567",
		0.30000000004: "0.3", -1500: "-1,500", 123.7: "124", 31.85: "31.9", 0.446: "0.45"} {
		if got := number(value); got != want {
			t.Errorf("%v: %q, want %q", value, got, want)
		}
	}
}

// A plot has each value at its place, and leaves out a value that is none.
func TestPlotsShowValues(t *testing.T) {
	plot := Plot{Title: "A <title>", Description: "all & more", X: Axis{Name: "x", AtZero: true}, Y: Axis{Name: "y", AtZero: true},
		Series: []Series{{Name: "one", X: []float64{0, 10}, Y: []float64{5, 10}}}, Mark: &Mark{"mark", 5}}
	lines := string(Lines(plot))
	for _, want := range []string{`points="86.0,213.0 720.0,84.0"`, `<title id="title">A &lt;title&gt;`, "all &amp; more", ">one</text>",
		">mark</text>"} {
		if !strings.Contains(lines, want) {
			t.Errorf("%q is missing in %s", want, lines)
		}
	}
	plot.Series[0].X = []float64{5, math.NaN()}
	bars := string(Bars(plot, []string{"first", "second"}))
	if strings.Count(bars, `<rect class="f0"`) != 1 || !strings.Contains(bars, `x="132.0" y="84.0" width="564.0"`) ||
		strings.Contains(bars, "NaN") {
		t.Error(bars)
	}
}
