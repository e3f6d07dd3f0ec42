package record

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"
)

var run = Run{
	Taken: "2026-11-27", Machine: Machine{Processor: "AMD EPYC"}, Settings: Settings{Turn: 0.25, Turns: 2},
	Rows: []Row{
		{"list of 1,000", 16, map[string]Series{Credmock: {Rates: []float64{100, 200}, CPU: []float64{50, 40.5}, Driver: []float64{1, 2}}}},
		{"refused PATCH", 64, map[string]Series{Mockoon: {Note: "answers 200"}}},
	},
	Growth: Growth{Operations: []Level{{"snapshot", 10, []float64{5e5}, []float64{1.5}}}},
}

// A run is the same after it was written and read, and its numbers take few lines.
func TestRunsAreKept(t *testing.T) {
	name := filepath.Join(t.TempDir(), "run.json")
	if err := run.Write(name); err != nil {
		t.Fatal(err)
	}
	got, err := Read(name)
	if err != nil || !reflect.DeepEqual(got, &run) {
		t.Errorf("%+v, %v", got, err)
	}
	if text, _ := os.ReadFile(name); !strings.Contains(string(text), `"rates": [100,200],`) {
		t.Errorf("%s", text)
	}
}

// The parser of benchstat reads every turn.
func TestBenchmarksAreRead(t *testing.T) {
	var text bytes.Buffer
	if err := run.WriteBenchmarks(&text); err != nil {
		t.Fatal(err)
	}
	got := map[string][]float64{}
	reader := benchfmt.NewReader(&text, "bench.txt")
	for reader.Scan() {
		result, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			t.Fatal(reader.Result())
		}
		name := string(result.Name)
		for _, unit := range []string{"sec/op", "req/s", "cpu-sec/op"} {
			if value, found := result.Value(unit); found {
				got[name+" "+unit] = append(got[name+" "+unit], Round(value))
			}
		}
	}
	const list = "ListOf1000/connections=16/server=credmock"
	want := map[string][]float64{list + " sec/op": {0.01, 0.005}, list + " req/s": {100, 200}, list + " cpu-sec/op": {5e-5, 4.05e-5},
		"Snapshot/credentials=10/server=credmock sec/op": {2e-6}, "Snapshot/credentials=10/server=credmock req/s": {5e5},
		"Snapshot/credentials=10/server=credmock cpu-sec/op": {1.5e-6}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
}

func TestMedianAndRatio(t *testing.T) {
	for _, test := range []struct{ got, want float64 }{
		{Median(nil), 0}, {Median([]float64{3, 1, 2}), 2}, {Median([]float64{4, 1, 2, 3}), 2.5},
		{Ratio([]float64{2, 40, 6}, []float64{1, 20, 4}), 2}, // turn by turn: the load of the second turn met both
		{Ratio([]float64{2, 4, 6}, []float64{8}), 0.5}, {Ratio(nil, []float64{8}), 0}, {Ratio([]float64{1}, nil), 0},
		{Round(12345.6), 12346}, {Round(1.23456), 1.235}, {Round(0.000123456), 0.0001235}, {Round(0), 0}, {Round(math.Inf(1)), 0},
	} {
		if math.Abs(test.got-test.want) > 1e-12 {
			t.Errorf("%v, want %v", test.got, test.want)
		}
	}
}
