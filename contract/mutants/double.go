package mutants

import (
	"slices"
	"strings"

	"github.com/credmock/credmock"
)

// doubleFaults composes the pairs of doubles. It is called on demand, so that serving a mock does not wait for it.
func doubleFaults() []Mutant {
	singles := map[string]Mutant{}
	for _, m := range singleFaults() {
		singles[m.Name] = m
	}
	short := strings.NewReplacer("/", "-")
	var all []Mutant
	for _, pair := range doubles {
		first, second := singles[pair[0]], singles[pair[1]]
		if first.Name == "" || second.Name == "" {
			panic("no single faults are called " + pair[0] + " and " + pair[1])
		}
		all = append(all, Mutant{
			Name: "double/" + short.Replace(pair[0]) + "/" + short.Replace(pair[1]),
			Rule: first.Rule + " " + second.Rule, Killer: first.Killer, Also: second.Killer, Level: credmock.Must, Verdict: violates,
			faults: slices.Concat(first.faults, second.faults),
		})
	}
	return all
}

// doubles are the names of the two single faults of each pair.
var doubles = [][2]string{
	{"redaction/get/echo", "flags/create/missing"},
	{"redaction/create/header", "envelope/get/meta-text"},
	{"redaction/update/error-body", "required/update/url"},
	{"redaction/list/nested", "lifecycle/list/twice"},
	{"redaction/get/as-md5", "fields/get/hides-secret-names"},
	{"flags/all/true", "update/merge/replaces"},
	{"flags/get/text", "update/answer/old"},
	{"required/update/grant-type", "required/create/url-null"},
	{"required/create/grant-type", "strategies/unknown/taken"},
	{"envelope/delete/ok", "lifecycle/delete/twice"},
	{"envelope/list/by-id", "types/get/organization-text"},
	{"types/list/strategy-missing", "lifecycle/get/unknown-bad"},
	{"fields/awkward/trimmed", "fields/awkward/cut-1024"},
	{"fields/get/loses-resource", "update/merge/replaces"},
	{"lifecycle/delete/neighbour", "auth/delete/viewer"},
	{"auth/get/none", "auth/update/other"},
	{"errors/create/malformed", "errors/update/array-taken"},
	{"destinations/in-use/link", "redaction/destination/token"},
}
