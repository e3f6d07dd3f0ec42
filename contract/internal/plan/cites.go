package plan

import "regexp"

// cites are the headings of the contract's page on which rules stand, by the ids of their checks. The first match counts.
var cites = []struct {
	ids  *regexp.Regexp
	page string
}{
	{regexp.MustCompile(`^redaction/.*/trace`), "docs/contract.md#what-counts-as-a-secret"},
	{regexp.MustCompile(`^redaction/`), "docs/contract.md#no-secret-in-any-answer"},
	{regexp.MustCompile(`^flags/.*/(empty|blank)`), "docs/contract.md#stored-byte-for-byte"},
	{regexp.MustCompile(`^flags/.*/forged`), "docs/contract.md#write-back"},
	{regexp.MustCompile(`^flags/`), "docs/contract.md#flags"},
	{regexp.MustCompile(`^required/create/`), "docs/contract.md#create"},
	{regexp.MustCompile(`^required/`), "docs/contract.md#update"},
	{regexp.MustCompile(`^envelope/.*/version`), "docs/contract.md#version"},
	{regexp.MustCompile(`^envelope/.*/(flat|wrapped)`), "docs/contract.md#flat-payload"},
	{regexp.MustCompile(`^envelope/.*/(json|twice|utf8)`), "docs/contract.md#valid-json"},
	{regexp.MustCompile(`^envelope/.*media`), "docs/contract.md#media-types"},
	{regexp.MustCompile(`^envelope/`), "docs/contract.md#meta-and-payload"},
	{regexp.MustCompile(`^types/body/read-only/`), "docs/contract.md#write-back"},
	{regexp.MustCompile(`^types/.*/format$|^update/time/`), "docs/contract.md#times"},
	{regexp.MustCompile(`^types/`), "docs/contract.md#types"},
	{regexp.MustCompile(`^fields/null`), "docs/contract.md#null-on-create"},
	{regexp.MustCompile(`^fields/empty`), "docs/contract.md#empty-text"},
	{regexp.MustCompile(`^fields/(lists|.*/list(/|$))`), "docs/contract.md#lists-as-values"},
	{regexp.MustCompile(`^fields/invented`), "docs/contract.md#create"},
	{regexp.MustCompile(`^fields/`), "docs/contract.md#values-stay-as-sent"},
	{regexp.MustCompile(`^lifecycle/.*/status$`), "docs/contract.md#success-status"},
	{regexp.MustCompile(`^lifecycle/list/fields`), "docs/contract.md#list-items"},
	{regexp.MustCompile(`^lifecycle/create/read-only`), "docs/contract.md#write-back"},
	{regexp.MustCompile(`^lifecycle/read/twice`), "docs/contract.md#equal-answers"},
	{regexp.MustCompile(`^lifecycle/.*/(unknown|twice)`), "docs/contract.md#statuses"},
	{regexp.MustCompile(`^lifecycle/(.*/neighbour|bystanders)`), "docs/contract.md#sequences"},
	{regexp.MustCompile(`^lifecycle/list`), "docs/contract.md#lists"},
	{regexp.MustCompile(`^lifecycle/`), "docs/contract.md#paths"},
	{regexp.MustCompile(`^names/`), "docs/contract.md#names"},
	{regexp.MustCompile(`^update/(write-back|written-back)`), "docs/contract.md#write-back"},
	{regexp.MustCompile(`^update/`), "docs/contract.md#update"},
	{regexp.MustCompile(`^strategies/unknown`), "docs/contract.md#statuses"},
	{regexp.MustCompile(`^strategies/twice`), "docs/contract.md#equal-answers"},
	{regexp.MustCompile(`^strategies/`), "docs/contract.md#offered-strategies"},
	{regexp.MustCompile(`^auth/.*/viewer(-all)?$`), "docs/contract.md#viewer"},
	{regexp.MustCompile(`^auth/.*(before|almost|form|other)`), "docs/contract.md#refused-callers"},
	{regexp.MustCompile(`^auth/`), "docs/contract.md#statuses"},
	{regexp.MustCompile(`^destinations/.*/(malformed|types)`), "docs/contract.md#statuses"},
	{regexp.MustCompile(`^destinations/in-use`), "docs/contract.md#credential-in-use"},
	{regexp.MustCompile(`^destinations/.*attach`), "docs/contract.md#attaching-a-credential"},
	{regexp.MustCompile(`^destinations/`), "docs/contract.md#neighbours"},
	{regexp.MustCompile(`^errors/methods`), "docs/contract.md#methods"},
	{regexp.MustCompile(`^errors/(ids|headers|long|paths)`), "docs/contract.md#odd-ids-headers-and-values"},
	{regexp.MustCompile(`^errors/.*/(utf8|nul|trailing)`), "docs/contract.md#valid-json"},
	{regexp.MustCompile(`^errors/.*media-type`), "docs/contract.md#media-types"},
	{regexp.MustCompile(`^errors/`), "docs/contract.md#statuses"},
	{regexp.MustCompile(`^concurrency/`), "docs/contract.md#races"},
	{regexp.MustCompile(`^many/`), "docs/contract.md#lists"},
	{regexp.MustCompile(`^model/`), "docs/contract.md#sequences"},
	{regexp.MustCompile(`^capabilities/`), "docs/contract.md#offered-strategies"},
}

// cited returns the heading of the contract's page with the rule of a check, or "".
func cited(id string) string {
	for _, one := range cites {
		if one.ids.MatchString(id) {
			return one.page
		}
	}
	return ""
}
