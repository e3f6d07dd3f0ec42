package faults

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/spelling"
	"github.com/credmock/credmock/internal/view"
)

const (
	maxTimes      = 1_000_000_000      // largest number of requests
	maxRetryAfter = 365 * 24 * 60 * 60 // seconds: a year
)

// Plan is the description of a fault in a request or in fixtures.
type Plan struct {
	Operations   []string `json:"operations,omitempty"`
	Methods      []string `json:"methods,omitempty"`
	Times        *int     `json:"times,omitzero"`
	Status       int      `json:"status,omitzero"`
	RetryAfter   int      `json:"retryAfter,omitzero"`
	ExpiredToken bool     `json:"expiredToken,omitzero"`
	Delay        string   `json:"delay,omitzero"`
	DelayMax     string   `json:"delayMax,omitzero"`
	Breakage     string   `json:"breakage,omitzero"`
	Mutant       string   `json:"mutant,omitzero"`

	Paths        []string          `json:"paths,omitempty"`
	Callers      []string          `json:"callers,omitempty"`
	BodyContains string            `json:"bodyContains,omitzero"`
	After        int               `json:"after,omitzero"`
	Chance       *float64          `json:"chance,omitzero"`
	Headers      map[string]string `json:"headers,omitempty"`
	Body         jsontext.Value    `json:"body,omitzero"` // a string is sent as it is, and any other value as JSON
}

// World are the names that a plan may use.
type World struct {
	Operations []*credmock.Operation
	Mutants    []string
	Callers    []string // names of principals
}

func (w *World) operationIDs() []string {
	var ids []string
	for _, one := range w.Operations {
		ids = append(ids, one.ID)
	}
	return ids
}

// Form is a fault as the admin surface shows it.
type Form struct {
	ID int64 `json:"id"`
	Plan
	Matched int  `json:"matched"`
	Spent   bool `json:"spent,omitzero"`
}

// Form returns the fault as the admin surface shows it.
func (f *Fault) Form() Form {
	made := Form{ID: f.ID, Matched: f.Matched, Spent: f.spent(), Plan: Plan{
		Operations: f.operations, Methods: f.methods, Times: timesOf(f), Status: f.Status, RetryAfter: f.RetryAfter,
		ExpiredToken: f.Expired, Breakage: f.Breakage, Mutant: f.Mutant,
		Paths: f.paths, Callers: f.callers, BodyContains: f.text, After: f.after,
	}}
	if f.Delay > 0 {
		made.Delay = f.Delay.String()
	}
	if f.maxDelay > 0 {
		made.DelayMax = f.maxDelay.String()
	}
	if f.chance > 0 {
		made.Chance = &f.chance
	}
	if f.Own != nil {
		made.Headers = f.Own.Headers
		if made.Body = f.Own.Body; f.Own.Body != nil && !f.Own.IsJSON {
			made.Body, _ = jsontext.AppendQuote(nil, f.Own.Body) // the text is valid UTF-8
		}
	}
	return made
}

// timesOf returns the number of requests that get a fault; nil for all.
func timesOf(f *Fault) *int {
	if f.times == 0 {
		return nil
	}
	return &f.times
}

func valueOr(given *int, fallback int) int {
	if given == nil {
		return fallback
	}
	return *given
}

// Read returns the fault of a plan and all violations in the plan.
func Read(given *Plan, in World) (*Fault, []view.Violation) {
	found := &violations{}
	made := &Fault{times: valueOr(given.Times, 0), Effect: Effect{
		Status: given.Status, RetryAfter: given.RetryAfter, Expired: given.ExpiredToken, Breakage: given.Breakage, Mutant: given.Mutant,
		Delay: found.duration(given.Delay, "/delay"), maxDelay: found.duration(given.DelayMax, "/delayMax"), Own: found.own(given),
	}}
	made.Scope = found.scope(given, &in)
	found.require(valueOr(given.Times, 1) > 0, "/times", "times must be a number of requests, 1 or more; leave it out for all of them.")
	found.require(made.times <= maxTimes, "/times", fmt.Sprintf("times must be %d at most; leave it out for all requests.", maxTimes))
	found.require(given.Mutant == "" || slices.Contains(in.Mutants, given.Mutant), "/mutant",
		"mutant must be one of those that GET /__admin/mutants lists"+cmp.Or(spelling.Hint(given.Mutant, in.Mutants), "."))
	found.require(made.Mutant == "" || made.isMutantOnly(), "/mutant",
		"A mutant stands before the whole mock, until it is removed; leave everything else out.")
	found.effect(&made.Effect)
	return made, found.list
}

// isMutantOnly reports whether a mutant is all that a fault has.
func (f *Fault) isMutantOnly() bool {
	return f.Effect == Effect{Mutant: f.Mutant} && f.times == 0 && reflect.DeepEqual(f.Scope, Scope{})
}

// violations collects the violations in a plan.
type violations struct{ list []view.Violation }

func (m *violations) require(right bool, pointer, message string) {
	if !right {
		m.list = append(m.list, view.Violation{Code: "invalid-fault", Pointer: pointer, Message: message})
	}
}

// fits reports whether a list has no more items than there are names, and records a violation if it has.
func (m *violations) fits(length, most int, pointer string) bool {
	m.require(length <= most, pointer, fmt.Sprintf("This may have %d items at most: name each once.", most))
	return length <= most
}

func (m *violations) duration(text, pointer string) time.Duration {
	if text == "" {
		return 0
	}
	length, err := time.ParseDuration(text)
	m.require(err == nil && length >= 0 && length <= maxDelay, pointer,
		"This must be a duration as in 200ms, of "+maxDelay.String()+" at most.")
	return length
}

func (m *violations) effect(given *Effect) {
	m.require(*given != Effect{}, "", "Say what is to go wrong: status, delay, breakage, headers, expiredToken or mutant.")
	m.require(given.Status == 0 || given.Status >= 200 && given.Status <= 599, "/status", "status must be a number from 200 to 599.")
	m.require(given.RetryAfter >= 0 && given.RetryAfter <= maxRetryAfter, "/retryAfter",
		fmt.Sprintf("retryAfter must be a number of seconds, %d at most.", maxRetryAfter))
	m.require(given.Status != 0 || given.RetryAfter == 0, "/retryAfter", "retryAfter goes with a status.")
	m.require(given.Status == 0 || !given.Expired, "/expiredToken", "expiredToken and status exclude each other.")
	m.require(given.maxDelay == 0 || given.maxDelay >= given.Delay, "/delayMax", "delayMax must not be less than delay.")
	m.require(given.Breakage == "" || slices.Contains(Breakages, given.Breakage), "/breakage",
		"breakage must be one of "+strings.Join(Breakages, ", ")+".")
}

// maxDelay is the longest delay of a request.
const maxDelay = time.Minute
