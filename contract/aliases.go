package contract

import (
	"github.com/credmock/credmock/contract/report"
)

// The types of package report. They stay here for one release.
type (
	// Outcome is [report.Outcome].
	Outcome = report.Outcome
	// Verdict is [report.Verdict].
	Verdict = report.Verdict
	// Report is [report.Report].
	Report = report.Report
	// CapabilityReport is [report.Capability].
	CapabilityReport = report.Capability
	// Result is [report.Result].
	Result = report.Result
	// Finding is [report.Finding].
	Finding = report.Finding
	// KnownFailure is [report.KnownFailure].
	KnownFailure = report.KnownFailure
	// StaleEntry is [report.StaleEntry].
	StaleEntry = report.StaleEntry
	// UsageError is [report.UsageError].
	UsageError = report.UsageError
)

// The outcomes, verdicts and exit codes of package report. They stay here for one release.
const (
	Pass    = report.Pass
	Fail    = report.Fail
	Skip    = report.Skip
	Trouble = report.Trouble

	Conforms     = report.Conforms
	Violates     = report.Violates
	Inconclusive = report.Inconclusive

	ExitConforms     = report.ExitConforms
	ExitViolates     = report.ExitViolates
	ExitUsage        = report.ExitUsage
	ExitInconclusive = report.ExitInconclusive
	ExitStale        = report.ExitStale
	ExitLeftBehind   = report.ExitLeftBehind
	ExitInterrupted  = report.ExitInterrupted
)

// The functions of package report. They stay here for one release.
var (
	ReadKnown     = report.ReadKnown
	ReportSchema  = report.Schema
	Formats       = report.Formats
	ListFormats   = report.ListFormats
	Write         = report.Write
	WriteColoured = report.WriteColoured
	WriteList     = report.WriteList
)
