package mutants

import (
	"slices"
	"strings"

	"github.com/credmock/credmock"
)

// double composes two single faults.
func double(one, two string) Mutant {
	first, second := single(one), single(two)
	short := strings.NewReplacer("/", "-")
	return Mutant{
		Name: "double/" + short.Replace(one) + "/" + short.Replace(two),
		Rule: first.Rule + " " + second.Rule, Killer: first.Killer, Also: second.Killer, Level: credmock.Must, Verdict: violates,
		faults: slices.Concat(first.faults, second.faults),
	}
}

// single returns a single fault by its name. A name that nothing has is a mistake in the table below.
func single(name string) Mutant {
	families := slices.Concat(
		redactionFaults, redactionForms, redactionErrors, flagFaults, requiredFaults, envelopeFaults, typeFaults, fieldFaults,
		awkwardFaults, lifecycleFaults, updateFaults, strategyFaults, authenticationFaults, destinationFaults, errorFaults,
	)
	at := slices.IndexFunc(families, func(m Mutant) bool { return m.Name == name })
	if at < 0 {
		panic("no single fault is called " + name)
	}
	return families[at]
}

var doubleFaults = []Mutant{
	double("redaction/get/echo", "flags/create/missing"),
	double("redaction/create/header", "envelope/get/meta-text"),
	double("redaction/update/error-body", "required/update/url"),
	double("redaction/list/nested", "lifecycle/list/twice"),
	double("redaction/get/as-md5", "fields/get/hides-secret-names"),
	double("flags/all/true", "update/merge/replaces"),
	double("flags/get/text", "update/answer/old"),
	double("required/update/grant-type", "required/create/url-null"),
	double("required/create/grant-type", "strategies/unknown/taken"),
	double("envelope/delete/ok", "lifecycle/delete/twice"),
	double("envelope/list/by-id", "types/get/organization-text"),
	double("types/list/strategy-missing", "lifecycle/get/unknown-bad"),
	double("fields/awkward/trimmed", "fields/awkward/cut-1024"),
	double("fields/get/loses-resource", "update/merge/replaces"),
	double("lifecycle/delete/neighbour", "auth/delete/viewer"),
	double("auth/get/none", "auth/update/other"),
	double("errors/create/malformed", "errors/update/array-taken"),
	double("destinations/in-use/link", "redaction/destination/token"),
}
