package main

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/report"
)

// start serves an implementation with the given bugs, and returns it as a target of the suite.
func start(t *testing.T, with bugs) contract.Target {
	t.Helper()
	return startWith(t, with, habits{})
}

func startWith(t *testing.T, with bugs, ways habits) contract.Target {
	t.Helper()
	implementation := newServer(demonstration)
	implementation.bugs, implementation.habits = with, ways
	listening := httptest.NewServer(implementation)
	t.Cleanup(listening.Close)
	return contract.Target{
		URL:          listening.URL + "/platform",
		Token:        "north-engineer",
		ViewerToken:  "north-member",
		OtherToken:   "south-engineer",
		Organization: 41,
	}
}

func TestKeepsTheContract(t *testing.T) {
	contract.Run(t, start(t, bugs{}))
}

// Sound implementations differ in these ways, and the suite accuses none of them of anything, not even with Strict.
func TestHabitsAreSound(t *testing.T) {
	sound := map[string]habits{
		"reads lag":                 {lag: 250 * time.Millisecond},
		"one strategy":              {strategy: defaultStrategy},
		"bare 429":                  {perSecond: 400},
		"reads lag, and a bare 429": {lag: 150 * time.Millisecond, perSecond: 500},
	}
	if testing.Short() {
		sound = map[string]habits{"one strategy, and reads lag": {strategy: defaultStrategy, lag: 250 * time.Millisecond}}
	}
	for name, ways := range sound {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := startWith(t, bugs{}, ways)
			target.Strict = true
			found, err := contract.Judge(t.Context(), target)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d requests, %d ms", found.Requests, found.Milliseconds)
			if found.Verdict != report.Conforms || found.Counts[report.Fail]+found.Counts[report.Trouble] > 0 {
				t.Errorf("%s: %s %v", found.Verdict, found.Reason, found.Counts)
				for _, result := range found.Checks {
					if result.Outcome == report.Fail || result.Outcome == report.Trouble {
						t.Errorf("%s %s %s %+v", result.Outcome, result.ID, result.Reason, result.Findings)
					}
				}
			}
		})
	}
}

// These mistakes are easy to make. The checks whose rules a mistake breaks find it. Other checks of the same family may find
// it too, and no check of another family fails.
func TestMistakesAreFound(t *testing.T) {
	for name, mistake := range map[string]struct {
		with   bugs
		found  []string
		family string
	}{
		"hints at the secret": {
			with:   bugs{hintsAtSecret: true},
			found:  []string{"redaction/update/echo", "redaction/update/echo/SMART_Backend"},
			family: "redaction/",
		},
		"updates without a grant": {
			with:   bugs{updatesWithoutGrant: true},
			found:  []string{"required/update/grantType", "required/update/grantType/SMART_Backend"},
			family: "required/update/grantType",
		},
		"forgets whose credential it is": {
			with:   bugs{forgetsOrganization: true},
			found:  []string{"auth/get/other"},
			family: "auth/get/other",
		},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := contract.Judge(t.Context(), start(t, mistake.with))
			if err != nil {
				t.Fatal(err)
			}
			if found.Verdict != report.Violates {
				t.Errorf("verdict: %s (%s)", found.Verdict, found.Reason)
			}
			broken := brokenMusts(found)
			for _, id := range mistake.found {
				if !slices.Contains(broken, id) {
					t.Errorf("%s did not fail", id)
				}
			}
			for _, id := range broken {
				if !strings.HasPrefix(id, mistake.family) {
					t.Errorf("%s failed, but the mistake does not concern it", id)
				}
			}
		})
	}
}

// brokenMusts returns the ids of the failed checks that count.
func brokenMusts(found report.Report) []string {
	var ids []string
	for _, result := range found.Checks {
		if result.Level == credmock.Must && result.Outcome == report.Fail {
			ids = append(ids, result.ID)
		}
	}
	return ids
}
