package contract

import "github.com/credmock/credmock/contract/report"

// These names have moved to package report. They stay here for one release.
type (
	Outcome          = report.Outcome
	Verdict          = report.Verdict
	Report           = report.Report
	CapabilityReport = report.Capability
	Result           = report.Result
	Finding          = report.Finding
	KnownFailure     = report.KnownFailure
	StaleEntry       = report.StaleEntry
	UsageError       = report.UsageError
	SecretError      = report.SecretError
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
