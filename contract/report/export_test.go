package report

import "testing"

// JudgeBroken judges a target that breaks some rules, and PlanAll plans every check. A test of package report_test sets them,
// since package contract imports this one.
var (
	JudgeBroken func(t *testing.T) (Report, error)
	PlanAll     func() ([]Result, error)
)
