package page

import (
	"fmt"
	"math"
	"strings"

	"example.com/bench/internal/plot"
	"example.com/bench/internal/record"
)

// picture is a plot with the name of its file.
type picture struct {
	name  string
	title string
	svg   []byte
}

func pictures(run *record.Run) map[string]picture {
	made := map[string]picture{"servers": beforeFloor(run), "cpu": cpu(run), "growth": growthPlot(run), "lists": listPlot(run),
		"constant": constantPlot(run), "sessions": sessionPlot(run), "memory": memoryPlot(run)}
	if hasPeers(run) {
		made["peers"] = peerPlot(run)
	}
	return made
}

// say lists the values of each series for the text alternative.
func say(subjects []string, series []plot.Series, of func(plot.Series) []float64) string {
	var parts []string
	for _, one := range series {
		var values []string
		for i, value := range of(one) {
			if !math.IsNaN(value) {
				values = append(values, subjects[i]+" "+short(value))
			}
		}
		parts = append(parts, one.Name+": "+strings.Join(values, ", ")+".")
	}
	return strings.Join(parts, " ")
}

func bars(name, title, axis string, log bool, series []plot.Series, mark *plot.Mark, groups []string) picture {
	drawn := plot.Plot{Title: title, X: plot.Axis{Name: axis, Log: log, AtZero: true}, Series: series, Mark: mark}
	drawn.Description = "Bars, " + axis + ". " + say(groups, series, func(s plot.Series) []float64 { return s.X })
	return picture{name, title, plot.Bars(drawn, groups)}
}

func lines(name string, drawn plot.Plot) picture {
	drawn.Description = fmt.Sprintf("Lines, %s over %s. ", drawn.Y.Name, drawn.X.Name)
	for _, one := range drawn.Series {
		var at []string
		for _, x := range one.X {
			at = append(at, "at "+short(x)+":")
		}
		drawn.Description += say(at, []plot.Series{one}, func(s plot.Series) []float64 { return s.Y }) + " "
	}
	drawn.Description = strings.TrimSpace(drawn.Description)
	return picture{name, drawn.Title, plot.Lines(drawn)}
}

// values returns one value for each operation, and NaN for one that a server cannot serve.
func values(run *record.Run, connections int, of func(record.Row) float64) []float64 {
	var found []float64
	for _, name := range operations {
		value := of(run.Find(name, connections))
		if value == 0 {
			value = math.NaN()
		}
		found = append(found, record.Round(value))
	}
	for i := range found {
		if found[i] == 0 {
			found[i] = math.NaN()
		}
	}
	return found
}

func beforeFloor(run *record.Run) picture {
	var series []plot.Series
	for _, connections := range []int{16, 64} {
		series = append(series, plot.Series{Name: fmt.Sprintf("%d connections", connections),
			X: hundredths(values(run, connections, func(row record.Row) float64 {
				return record.Ratio(row.Servers[record.Credmock].Rates, row.Servers[record.Floor].Rates)
			}))})
	}
	return bars("servers", "Throughput of credmock beside the floor", "throughput in units of the floor", false, series,
		&plot.Mark{Name: "the floor", Value: 1}, operations)
}

func hundredths(values []float64) []float64 {
	for i := range values {
		values[i] = math.Round(values[i]*100) / 100
	}
	return values
}

func cpu(run *record.Run) picture {
	var series []plot.Series
	for _, server := range []string{record.Credmock, record.Floor, record.Static} {
		series = append(series, plot.Series{Name: server,
			X: values(run, compared, func(row record.Row) float64 { return record.Median(row.Servers[server].CPU) })})
	}
	return bars("cpu", "CPU time of the server for a request, 16 connections", "µs (logarithmic)", true, series, nil, operations)
}

func peerPlot(run *record.Run) picture {
	var series []plot.Series
	for _, server := range append([]string{record.Credmock}, peers...) {
		series = append(series, plot.Series{Name: server,
			X: values(run, compared, func(row record.Row) float64 { return record.Median(row.Servers[server].Rates) })})
	}
	return bars("peers", "Throughput beside mock servers of other makes, 16 connections", "requests a second (logarithmic)", true, series, nil,
		operations)
}

func growthPlot(run *record.Run) picture {
	var series []plot.Series
	for _, operation := range []string{"PATCH", "GET"} {
		one := plot.Series{Name: operation}
		for _, level := range run.Growth.Throughput {
			if level.Operation == operation {
				first := run.Growth.Level(operation, run.Growth.Throughput[0].Credentials)
				one.X, one.Y = append(one.X, float64(level.Credentials)), append(one.Y, record.Ratio(level.Rates, first.Rates))
			}
		}
		series = append(series, one)
	}
	return lines("growth", plot.Plot{Title: "Throughput with more credentials", X: plot.Axis{Name: "credentials that are stored", Log: true},
		Y: plot.Axis{Name: "throughput in units of that with 10 credentials", AtZero: true}, Series: series,
		Mark: &plot.Mark{Name: "the budget", Value: 0.95}})
}

func listPlot(run *record.Run) picture {
	time, spent := plot.Series{Name: "until the end of the answer"}, plot.Series{Name: "CPU time of the server"}
	for _, list := range run.Growth.Lists {
		count := float64(list.Records)
		time.X, time.Y = append(time.X, count), append(time.Y, record.Median(list.Micros)/1000)
		spent.X, spent.Y = append(spent.X, count), append(spent.Y, record.Median(list.CPU)/1000)
	}
	return lines("lists", plot.Plot{Title: "Time of one list", X: plot.Axis{Name: "records of the list", Log: true},
		Y: plot.Axis{Name: "ms", Log: true}, Series: []plot.Series{time, spent}})
}

func constantPlot(run *record.Run) picture {
	var groups []string
	series := []plot.Series{{Name: "10 credentials"}, {Name: "100,000 credentials"}}
	for _, level := range run.Growth.Operations {
		at := 1
		if level.Credentials == run.Growth.Operations[0].Credentials {
			groups, at = append(groups, level.Operation), 0
		}
		series[at].X = append(series[at].X, record.Round(1e6/record.Median(level.Rates)))
	}
	return bars("constant", "Snapshot, new session and restore", "µs", false, series, nil, groups)
}

func sessionPlot(run *record.Run) picture {
	seen := run.Growth.Sessions
	groups := []string{"1 session", whole(float64(seen.Count)) + " sessions"}
	return bars("sessions", "PATCH to one session, and to many in turn", "requests a second", false,
		[]plot.Series{{Name: "16 connections", X: []float64{record.Median(seen.One), record.Median(seen.All)}}}, nil, groups)
}

func memoryPlot(run *record.Run) picture {
	one := plot.Series{Name: "memory of the process"}
	for _, seen := range run.Growth.Latest {
		one.X, one.Y = append(one.X, float64(seen.Requests)/1000), append(one.Y, record.Round(mib(seen.Bytes)))
	}
	return lines("memory", plot.Plot{Title: "Memory over requests", X: plot.Axis{Name: "thousands of requests", AtZero: true},
		Y: plot.Axis{Name: "MiB", AtZero: true}, Series: []plot.Series{one}})
}
