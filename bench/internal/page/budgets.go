package page

import (
	"fmt"
	"math"

	"example.com/bench/internal/record"
)

// budget is a bound that credmock sets itself.
type budget struct {
	subject  string
	least    bool // the bound is the least value, and not the greatest
	bound    float64
	unit     string
	measured float64 // 0 if it was not measured
}

const full = 100_000 // credentials

func budgets(run *record.Run) []budget {
	of := func(operation string) float64 {
		row := run.Find(operation, compared)
		return record.Ratio(row.Servers[record.Credmock].Rates, row.Servers[record.Floor].Rates)
	}
	grown := func(operation string) float64 {
		return record.Ratio(run.Growth.Level(operation, full).Rates, run.Growth.Level(operation, 10).Rates)
	}
	return []budget{
		{"PATCH, 16 connections: throughput beside the floor", true, 1, "", of("PATCH")},
		{"GET, 16 connections: throughput beside the floor", true, 1, "", of("GET")},
		{"PATCH with 100,000 credentials: throughput beside 10", true, 0.95, "", grown("PATCH")},
		{"GET with 100,000 credentials: throughput beside 10", true, 0.95, "", grown("GET")},
		{"start: exec to listening", false, 25, "ms", record.Median(run.Start.Listen)},
		{"start: credmock version", false, 8, "ms", record.Median(run.Start.Version)},
		{"new mock in a Go process", false, 2, "ms", record.Median(run.Start.New)},
		{"new mock in a Go process, so that each test has its own", false, 1, "ms", record.Median(run.Start.New)},
		{"memory: idle", false, 30, "MiB", mib(run.Growth.Memory.Idle)},
		{"memory: 100,000 credentials", false, 250, "MiB", mib(run.Growth.Memory.Full)},
		{"memory over " + whole(float64(run.Settings.Requests)) + " requests: last quarter beside the second", false, 1.1, "", flatness(run)},
		{"verify against its own mock: time", false, 1.5, "s", record.Median(run.Verify.Seconds)},
		{"verify against its own mock: time, the aim", false, 0.5, "s", record.Median(run.Verify.Seconds)},
		{"verify against its own mock: requests", false, 2500, "", float64(run.Verify.Requests)},
		{"verify against its own mock: memory", false, 100, "MiB", mib(run.Verify.Peak)},
		{"verify against a mock that takes 50 ms for each answer", false, 15, "s", run.Verify.Delayed},
		{"make test", false, 120, "s", run.Tests},
	}
}

// flatness returns the memory of the last quarter of the requests in units of the second quarter: the first one fills the journal.
func flatness(run *record.Run) float64 {
	var sizes []float64
	for _, seen := range run.Growth.Latest {
		sizes = append(sizes, float64(seen.Bytes))
	}
	quarter := len(sizes) / 4
	if quarter == 0 {
		return 0
	}
	return record.Median(sizes[len(sizes)-quarter:]) / record.Median(sizes[quarter:2*quarter])
}

// met compares the value as the table shows it.
func (b budget) met() string {
	switch shown := math.Round(b.measured*100) / 100; {
	case b.measured == 0:
		return "not measured"
	case b.least && shown >= b.bound, !b.least && shown <= b.bound:
		return "met"
	}
	return "**not met**"
}

func budgetTable(run *record.Run) string {
	rows := table{{"subject", "budget", "measured", ""}}
	for _, one := range budgets(run) {
		bound := "at most "
		if one.least {
			bound = "at least "
		}
		rows = append(rows, []string{one.subject, bound + unit(trimmed(one.bound), one.unit), unit(short(one.measured), one.unit), one.met()})
	}
	return rows.String()
}

// trimmed returns a bound without decimals that say nothing.
func trimmed(bound float64) string {
	if bound == math.Trunc(bound) {
		return whole(bound)
	}
	return fmt.Sprint(bound)
}

func unit(value, unit string) string {
	if unit == "" || value == nothing {
		return value
	}
	return value + " " + unit
}
