package contract

import (
	"context"
	"errors"
	"time"

	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/report"
)

// Limits narrows the bounds of a run, so that a test need not send much. A zero keeps a bound.
type Limits struct {
	Answer, Values int
	Tree, Kept     int64
	Grace          time.Duration
	NoReview       bool
}

// Held is the number of bytes of decoded answers at the end of a run: as counted, and as they are.
type Held struct{ Counted, There int64 }

// JudgeWithin is Judge with narrower bounds.
func JudgeWithin(ctx context.Context, target Target, limits Limits) (report.Report, Held, error) {
	run, err := prepare(ctx, target)
	if err != nil {
		return report.Report{}, Held{}, err
	}
	set(&run.Bounds.Answer, limits.Answer)
	set(&run.Bounds.Values, limits.Values)
	set(&run.Bounds.Tree, limits.Tree)
	set(&run.Bounds.Kept, limits.Kept)
	set(&run.Grace, limits.Grace)
	if limits.NoReview {
		run.reviewTime = -target.Timeout - time.Hour
	}
	found := run.judge()
	held := Held{Counted: run.Kept.Load()}
	for _, e := range run.All() {
		if e.Value != nil {
			held.There += jsonvalue.Weigh(e.Value)
		}
	}
	return found, held, nil
}

// MeasureLag explores a target, and returns how long each check would wait after a write.
func MeasureLag(ctx context.Context, target Target) (time.Duration, error) {
	run, err := prepare(ctx, target)
	if err != nil {
		return 0, err
	}
	defer run.CleanUp()
	defer run.cancel()
	if trouble := run.Explore(); !trouble.IsEmpty() {
		return 0, errors.New(trouble.String())
	}
	return run.Lag, nil
}

func set[T int | int64 | time.Duration](bound *T, value T) {
	if value != 0 {
		*bound = value
	}
}
