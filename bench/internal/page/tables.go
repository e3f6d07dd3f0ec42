package page

import (
	"fmt"
	"strings"

	"example.com/bench/internal/record"
)

const compared = 16 // connections, of the budgets

var (
	operations = []string{"PATCH", "POST", "GET", "list of 10", "list of 100", "list of 1,000", "refused PATCH", "token"}
	peers      = []string{record.Prism, record.Mockoon}
)

// servers compares requests a second and CPU time for a request.
func servers(run *record.Run) string {
	rows := table{{"operation", "connections", "credmock, requests/s", "floor", "static", "of floor", "of static",
		"credmock, CPU µs", "floor", "static", "CPU of floor", "CPU of static"}}
	for _, row := range run.Rows {
		mock, floor, static := row.Servers[record.Credmock], row.Servers[record.Floor], row.Servers[record.Static]
		rows = append(rows, []string{row.Operation, whole(float64(row.Connections)),
			whole(record.Median(mock.Rates)), whole(record.Median(floor.Rates)), whole(record.Median(static.Rates)),
			ratio(record.Ratio(mock.Rates, floor.Rates)), ratio(record.Ratio(mock.Rates, static.Rates)),
			short(record.Median(mock.CPU)), short(record.Median(floor.CPU)), short(record.Median(static.CPU)),
			ratio(record.Ratio(mock.CPU, floor.CPU)), ratio(record.Ratio(mock.CPU, static.CPU))})
	}
	return rows.String()
}

// driver says what the driver itself takes, because it shares the processors.
func driver(run *record.Run) string {
	var parts []string
	for _, row := range run.Rows {
		mock := row.Servers[record.Credmock]
		if row.Connections == compared && (row.Operation == "GET" || row.Operation == "PATCH") {
			parts = append(parts, fmt.Sprintf("For a %s over %d connections credmock takes %s µs of CPU time, and the driver %s µs.", row.Operation,
				compared, short(record.Median(mock.CPU)), short(record.Median(mock.Driver))))
		}
	}
	return fmt.Sprintf("%s To verify the ES384 signature of an assertion takes %s µs, without any server.\n", strings.Join(parts, " "),
		short(run.Verified))
}

// beside compares with the peers; it is empty if they were not measured.
func beside(run *record.Run) string {
	rows := table{{"operation", "connections", "credmock, requests/s", "Prism", "times", "Mockoon", "times", "CPU times, Prism",
		"CPU times, Mockoon"}}
	for _, row := range run.Rows {
		mock := row.Servers[record.Credmock]
		cells, cpu := []string{row.Operation, whole(float64(row.Connections)), whole(record.Median(mock.Rates))}, []string(nil)
		for _, name := range peers {
			peer := row.Servers[name]
			seen := peer.Note
			if seen == "" {
				seen = whole(record.Median(peer.Rates))
			}
			cells = append(cells, seen, ratio(record.Ratio(mock.Rates, peer.Rates)))
			cpu = append(cpu, ratio(record.Ratio(peer.CPU, mock.CPU)))
		}
		rows = append(rows, append(cells, cpu...))
	}
	return rows.String()
}

func hasPeers(run *record.Run) bool {
	for _, name := range peers {
		if len(run.Find("PATCH", compared).Servers[name].Rates) > 0 {
			return true
		}
	}
	return false
}

// throughput is requests a second with more and more credentials.
func throughput(run *record.Run) string {
	rows := table{{"operation", "credentials", "requests/s", "of the first", "CPU µs", "of the first"}}
	for _, level := range run.Growth.Throughput {
		first := run.Growth.Level(level.Operation, run.Growth.Throughput[0].Credentials)
		rows = append(rows, []string{level.Operation, whole(float64(level.Credentials)), whole(record.Median(level.Rates)),
			ratio(record.Ratio(level.Rates, first.Rates)), short(record.Median(level.CPU)), ratio(record.Ratio(level.CPU, first.CPU))})
	}
	return rows.String()
}

// constant is the operations of the admin surface that do not depend on the number of credentials.
func constant(run *record.Run) string {
	rows := table{{"operation", "credentials", "µs", "of the first", "CPU µs", "of the first"}}
	for _, level := range run.Growth.Operations {
		first := run.Growth.Level(level.Operation, run.Growth.Operations[0].Credentials)
		rows = append(rows, []string{level.Operation, whole(float64(level.Credentials)), short(1e6 / record.Median(level.Rates)),
			ratio(1 / record.Ratio(level.Rates, first.Rates)), short(record.Median(level.CPU)), ratio(record.Ratio(level.CPU, first.CPU))})
	}
	return rows.String()
}

func lists(run *record.Run) string {
	rows := table{{"records", "answer, KiB", "ms", "µs for a record", "CPU µs for a record", "more memory while it is read, MiB"}}
	for _, list := range run.Growth.Lists {
		count, micros := float64(list.Records), record.Median(list.Micros)
		rows = append(rows, []string{whole(count), short(float64(list.Bytes) / 1024), short(micros / 1000), short(micros / count),
			short(record.Median(list.CPU) / count), short(mib(list.Extra))})
	}
	return rows.String()
}

func sessions(run *record.Run) string {
	seen := run.Growth.Sessions
	return table{{"sessions", "requests/s", "of one", "memory before, MiB", "with the sessions", "after the requests"},
		{"1", whole(record.Median(seen.One)), "1.00", short(mib(seen.Before)), nothing, nothing},
		{whole(float64(seen.Count)), whole(record.Median(seen.All)), ratio(record.Ratio(seen.All, seen.One)), short(mib(seen.Before)),
			short(mib(seen.Created)), short(mib(seen.After))}}.String()
}

func starts(run *record.Run) string {
	row := func(name string, values []float64) []string {
		return []string{name, short(record.Median(values)), ratio(record.Ratio(values, run.Start.Empty))}
	}
	return table{{"", "ms", "of the empty server"},
		row("empty net/http server, exec to listening", run.Start.Empty),
		row("credmock serve, exec to listening", run.Start.Listen),
		row("credmock version, exec to end", run.Start.Version),
		{"a new mock in a Go process", short(record.Median(run.Start.New)), nothing}}.String()
}

func verify(run *record.Run) string {
	seen := run.Verify
	return table{{"credmock verify", "s", "requests", "memory at most, MiB"},
		{"against its own mock", short(record.Median(seen.Seconds)), whole(float64(seen.Requests)), short(mib(seen.Peak))},
		{fmt.Sprintf("against a mock that takes %d ms for each answer", seen.Delay), short(seen.Delayed), nothing, nothing}}.String()
}

// machine says on which machine, and with which versions.
func machine(run *record.Run) string {
	rows := table{{"", "measured on " + run.Taken}, {"processor", run.Machine.Processor},
		{"processors", whole(float64(run.Machine.Processors))}, {"memory", short(mib(run.Machine.Memory)/1024) + " GiB"},
		{"system", run.Machine.System}}
	for _, name := range []string{"credmock", "commit", "Go", "Node.js", record.Prism, record.Mockoon} {
		if version := run.Machine.Versions[name]; version != "" {
			rows = append(rows, []string{name, version})
		}
	}
	return rows.String() + fmt.Sprintf("\nEach server has %d turns of %s seconds in each row. The numbers are medians, and a ratio is the "+
		"median of the ratios of the turns.\n", run.Settings.Turns, short(run.Settings.Turn))
}
