// Package record has everything that one run of the benchmark measured, as a JSON file and in the format of Go's benchmarks.
package record

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Names of the servers in a row.
const (
	Credmock = "credmock"
	Floor    = "floor"
	Static   = "static"
	Prism    = "Prism"
	Mockoon  = "Mockoon"
)

// Run is one run.
type Run struct {
	Taken    string   `json:"taken"` // the day
	Machine  Machine  `json:"machine"`
	Settings Settings `json:"settings"`
	Rows     []Row    `json:"rows"`
	Verified float64  `json:"verified"` // microseconds for the signature of one assertion, without a server
	Growth   Growth   `json:"growth"`
	Start    Start    `json:"start"`
	Verify   Verify   `json:"verify"`
	Tests    float64  `json:"tests"` // seconds of make test; 0 if it was left out
}

// Machine is the machine and the versions of the programs.
type Machine struct {
	Processor  string            `json:"processor"`
	Processors int               `json:"processors"`
	Memory     int64             `json:"memory"` // bytes
	System     string            `json:"system"`
	Versions   map[string]string `json:"versions"`
}

// Settings say how long the run measured.
type Settings struct {
	Turn     float64 `json:"turn"` // seconds
	Turns    int     `json:"turns"`
	Requests int     `json:"requests"` // of the row that shows the memory
}

// Row is one operation with a number of connections.
type Row struct {
	Operation   string            `json:"operation"`
	Connections int               `json:"connections"`
	Servers     map[string]Series `json:"servers"`
}

// Series is the turns of one server. A server that cannot serve the row has a note in place of turns.
type Series struct {
	Rates  []float64 `json:"rates,omitempty"`  // requests a second
	CPU    []float64 `json:"cpu,omitempty"`    // microseconds of the server for a request
	Driver []float64 `json:"driver,omitempty"` // microseconds of the driver for a request
	Note   string    `json:"note,omitempty"`
}

// Growth is how costs grow.
type Growth struct {
	Throughput []Level    `json:"throughput"`
	Operations []Level    `json:"operations"`
	Lists      []List     `json:"lists"`
	Sessions   Sessions   `json:"sessions"`
	Memory     Memory     `json:"memory"`
	Latest     []Resident `json:"requests"` // memory after so many requests
}

// Level is the turns of an operation with a number of credentials.
type Level struct {
	Operation   string    `json:"operation"`
	Credentials int       `json:"credentials"`
	Rates       []float64 `json:"rates"` // operations a second
	CPU         []float64 `json:"cpu"`   // microseconds of the server for an operation
}

// List is the cost of one list of a number of records.
type List struct {
	Records int       `json:"records"`
	Bytes   int64     `json:"bytes"`
	Micros  []float64 `json:"micros"` // until the end of the answer
	CPU     []float64 `json:"cpu"`    // microseconds of the server
	Extra   int64     `json:"extra"`  // bytes of memory at the peak of reading, beyond those before
}

// Sessions is many sessions at once, beside one.
type Sessions struct {
	Count   int       `json:"count"`
	One     []float64 `json:"one"` // requests a second to one session
	All     []float64 `json:"all"` // requests a second to all sessions in turn
	Before  int64     `json:"before"`
	Created int64     `json:"created"` // bytes of memory with the sessions
	After   int64     `json:"after"`   // bytes of memory after the requests
}

// Memory is bytes of memory.
type Memory struct {
	Idle        int64 `json:"idle"`
	Credentials int   `json:"credentials"`
	Full        int64 `json:"full"` // with the credentials
}

// Resident is bytes of memory after a number of requests.
type Resident struct {
	Requests int   `json:"requests"`
	Bytes    int64 `json:"bytes"`
}

// Start is milliseconds until a program listens, or ends.
type Start struct {
	Listen  []float64 `json:"listen"`
	Empty   []float64 `json:"empty"` // an empty server of net/http
	Version []float64 `json:"version"`
	New     []float64 `json:"new"` // a mock in a process that has the document
}

// Verify is the suite against its own mock.
type Verify struct {
	Seconds  []float64 `json:"seconds"`
	Requests int       `json:"requests"`
	Peak     int64     `json:"peak"`    // bytes of memory
	Delay    int       `json:"delay"`   // milliseconds of each answer of a slow target
	Delayed  float64   `json:"delayed"` // seconds against it
}

// Find returns the row of an operation.
func (r *Run) Find(operation string, connections int) Row {
	for _, row := range r.Rows {
		if row.Operation == operation && row.Connections == connections {
			return row
		}
	}
	return Row{}
}

// Level returns the turns of an operation.
func (g *Growth) Level(operation string, credentials int) Level {
	for _, level := range slices.Concat(g.Throughput, g.Operations) {
		if level.Operation == operation && level.Credentials == credentials {
			return level
		}
	}
	return Level{}
}

// Read reads a file that Write wrote.
func Read(name string) (*Run, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var run Run
	return &run, json.Unmarshal(text, &run)
}

var numbers = regexp.MustCompile(`\[[-+0-9.,eE\s]+\]`)

// Write writes a run, each list of numbers on a line of its own.
func (r *Run) Write(name string) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	text = numbers.ReplaceAllFunc(text, func(list []byte) []byte { return []byte(strings.Join(strings.Fields(string(list)), "")) })
	return os.WriteFile(name, append(text, '\n'), 0o644)
}
