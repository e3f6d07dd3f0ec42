package model

import (
	"maps"
	"slices"
	"strings"

	"github.com/credmock/credmock"
)

// CompareSpecs returns the differences between two documents that the mock knows, one sentence each. It returns nil
// if both are the same object.
func CompareSpecs(before, after *credmock.Spec) []string {
	if before == after {
		return nil
	}
	var found []string
	add := func(name string, names []string) {
		if len(names) > 0 {
			found = append(found, "document: "+name+" "+strings.Join(names, ", "))
		}
	}
	operations, strategies := operationNames(before), strategyNames(before)
	add("new operations", Without(operationNames(after), operations))
	add("no more operations", Without(operations, operationNames(after)))
	add("new strategies", Without(strategyNames(after), strategies))
	add("no more strategies", Without(strategies, strategyNames(after)))
	for _, strategy := range after.Strategies {
		earlier := before.Strategy(strategy.Name)
		if earlier == nil {
			continue
		}
		add(strategy.Name+" has new fields", Without(fieldNames(strategy.Fields), fieldNames(earlier.Fields)))
		add(strategy.Name+" has no more fields", Without(fieldNames(earlier.Fields), fieldNames(strategy.Fields)))
		add(strategy.Name+" requires now", Without(requiredNames(strategy.Create), requiredNames(earlier.Create)))
		add(strategy.Name+" requires no more", Without(requiredNames(earlier.Create), requiredNames(strategy.Create)))
		add(strategy.Name+" has new secrets", Without(fieldNames(strategy.Secrets), fieldNames(earlier.Secrets)))
		add(strategy.Name+" has no more secrets", Without(fieldNames(earlier.Secrets), fieldNames(strategy.Secrets)))
	}
	if len(found) == 0 {
		found = []string{"document: changed, with the same operations, strategies and fields"}
	}
	return found
}

// Without returns the names that are not in others.
func Without(names, others []string) []string {
	var rest []string
	for _, name := range names {
		if !slices.Contains(others, name) {
			rest = append(rest, name)
		}
	}
	return rest
}

func operationNames(spec *credmock.Spec) []string {
	var names []string
	for _, operation := range spec.Operations {
		names = append(names, operation.ID)
	}
	return names
}

func strategyNames(spec *credmock.Spec) []string {
	var names []string
	for _, strategy := range spec.Strategies {
		names = append(names, strategy.Name)
	}
	return names
}

func fieldNames(fields []*credmock.Property) []string {
	var names []string
	for _, field := range fields {
		names = append(names, field.Name)
	}
	return names
}

func requiredNames(object *credmock.Object) []string {
	var names []string
	for _, requirement := range object.Required {
		names = append(names, requirement.Name)
	}
	return names
}

// CompareEnvironments returns which environments were added and removed, one sentence each.
func CompareEnvironments(before, after map[string]*Environment) []string {
	var found []string
	old, now := slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after))
	if fresh := Without(now, old); len(fresh) > 0 {
		found = append(found, "fixtures: new environments "+strings.Join(fresh, ", "))
	}
	if gone := Without(old, now); len(gone) > 0 {
		found = append(found, "fixtures: no more environments "+strings.Join(gone, ", ")+", with all that they held")
	}
	return found
}

// CompareOrganizations returns the organizations that only one of two models has, as sentences.
func CompareOrganizations(before, after []*Organization) []string {
	numbers := func(of []*Organization) (texts []string) {
		for _, one := range of {
			texts = append(texts, one.Text)
		}
		return texts
	}
	var found []string
	if fresh := Without(numbers(after), numbers(before)); len(fresh) > 0 {
		found = append(found, "fixtures: new organizations "+strings.Join(fresh, ", "))
	}
	if gone := Without(numbers(before), numbers(after)); len(gone) > 0 {
		found = append(found, "fixtures: no more organizations "+strings.Join(gone, ", "))
	}
	return found
}
