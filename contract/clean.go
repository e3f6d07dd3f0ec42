package contract

import (
	"context"
	"time"

	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/probe"
)

// RunRecord is what an interrupted run noted of itself.
type RunRecord struct {
	// Target is the URL of the target.
	Target       string
	Organization int
	// Name begins the name of everything that the run created.
	Name         string
	Environments []string
	Started      time.Time

	things int
}

// Things returns the number of things that the run noted and did not delete.
func (r RunRecord) Things() int { return r.things }

// Cleaned is the result of [Clean] for one interrupted run.
type Cleaned struct {
	Run RunRecord
	// Deleted names the requests that deleted something, as METHOD and path.
	Deleted []string
	// Left names the requests that failed to delete something.
	Left []string
	// Trouble says why it is unknown what is left. May be empty.
	Trouble string
}

// CutShort returns the runs against a target that ended without cleaning up, the oldest first, as their notes in a folder say. It
// leaves out runs that are still running.
func CutShort(folder, target string) ([]RunRecord, error) {
	records, err := leftover.CutShort(folder, target)
	list := make([]RunRecord, len(records))
	for i, record := range records {
		list[i] = publicRecord(record)
	}
	return list, err
}

func publicRecord(record leftover.Record) RunRecord {
	return RunRecord{
		Target: record.Target, Organization: record.Organization, Name: record.Name, Environments: record.Environments,
		Started: record.Started, things: len(record.Things),
	}
}

// Clean deletes what runs against target that were cut short left behind: what their notes in the folder target.Runs name, and what
// carries their names, destinations before credentials. It touches nothing else, and nothing of a run that goes on. The error is a
// *report.UsageError, or says that the folder cannot be read.
func Clean(ctx context.Context, target Target) ([]Cleaned, error) {
	target = withDefaults(target)
	if err := checkURL(target.URL); err != nil {
		return nil, err
	}
	records, err := leftover.CutShort(target.Runs, target.URL)
	if err != nil {
		return nil, err
	}
	started := time.Now()
	ctx, cancel := context.WithTimeout(ctx, target.Timeout)
	defer cancel()
	var list []Cleaned
	for _, record := range records {
		one := probe.CleanAfter(ctx, target.options(started), record)
		if len(one.Left) == 0 && one.Trouble == "" {
			err = record.Forget(target.Runs)
		}
		list = append(list, Cleaned{Run: publicRecord(record), Deleted: one.Deleted, Left: one.Left, Trouble: one.Trouble})
		if err != nil {
			return list, err
		}
	}
	return list, nil
}
