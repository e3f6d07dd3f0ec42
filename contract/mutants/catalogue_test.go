package mutants_test

import (
	"io"
	"log"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/mutants"
)

// silent discards the complaints of net/http about connections that a mutant closes on purpose.
var silent = log.New(io.Discard, "", 0)

// planned returns the levels of all checks by id.
func planned(t *testing.T) map[string]credmock.Level {
	t.Helper()
	checks, err := contract.Plan(contract.Target{})
	if err != nil {
		t.Fatal(err)
	}
	levels := map[string]credmock.Level{}
	for _, check := range checks {
		levels[check.ID] = check.Level
	}
	return levels
}

func TestCatalogueIsLargeEnough(t *testing.T) {
	t.Parallel()
	all := mutants.All()
	for _, kind := range []struct {
		name  string
		is    func(mutants.Mutant) bool
		least int
	}{
		{"single faults", isSingle, 150},
		{"double faults", isDouble, 15},
		{"sound variants", func(m mutants.Mutant) bool { return m.Sound }, 30},
	} {
		number := len(slices.DeleteFunc(slices.Clone(all), func(m mutants.Mutant) bool { return !kind.is(m) }))
		t.Logf("%d %s", number, kind.name)
		if number < kind.least {
			t.Errorf("%d %s, want %d at least", number, kind.name, kind.least)
		}
	}
}

func TestNamesAreUniqueWords(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z]+(/[a-z0-9-]+)+$`)
	seen := map[string]bool{}
	for _, m := range mutants.All() {
		if seen[m.Name] {
			t.Errorf("%s is there twice", m.Name)
		}
		seen[m.Name] = true
		if !form.MatchString(m.Name) {
			t.Errorf("%s is not made of words", m.Name)
		}
		if found, there := mutants.Find(m.Name); !there || found.Rule != m.Rule {
			t.Errorf("Find does not find %s", m.Name)
		}
		if !strings.HasSuffix(m.Rule, ".") {
			t.Errorf("%s: the rule is not a sentence", m.Name)
		}
	}
}

func TestKillersArePlanned(t *testing.T) {
	t.Parallel()
	levels := planned(t)
	for _, m := range mutants.All() {
		level, there := levels[m.Killer]
		switch {
		case m.Killer == "":
		case !there:
			t.Errorf("%s: no check is called %s", m.Name, m.Killer)
		case level != m.Level && m.Also == "":
			t.Errorf("%s breaks a %s, and %s is a %s", m.Name, m.Level, m.Killer, level)
		}
		if _, there := levels[m.Also]; m.Also != "" && !there {
			t.Errorf("%s: no check is called %s", m.Name, m.Also)
		}
	}
}

func TestEveryFamilyHasAKiller(t *testing.T) {
	t.Parallel()
	killers := map[string]bool{}
	for _, m := range mutants.All() {
		killers[family(m.Killer)] = true
	}
	for id := range planned(t) {
		if !killers[family(id)] {
			t.Errorf("no mutant is killed by the family %s", family(id))
		}
	}
}

func family(id string) string {
	name, _, _ := strings.Cut(id, "/")
	return name
}

func TestFindKnowsNoOther(t *testing.T) {
	t.Parallel()
	if _, there := mutants.Find("no/such"); there {
		t.Error("Find finds what is not there")
	}
}

// TestTogetherLeavesNothingOut holds that the combined servers have each sound variant once.
func TestTogetherLeavesNothingOut(t *testing.T) {
	t.Parallel()
	var parts, names []string
	for _, m := range mutants.All() {
		if m.Sound {
			names = append(names, m.Name)
		}
	}
	for _, m := range mutants.Together(slices.DeleteFunc(mutants.All(), func(m mutants.Mutant) bool { return !m.Sound })) {
		parts = append(parts, m.Parts()...)
	}
	slices.Sort(names)
	slices.Sort(parts)
	if !slices.Equal(names, parts) {
		t.Errorf("together there are %d of %d", len(parts), len(names))
	}
}
