package plan

import (
	"regexp"

	"github.com/credmock/credmock/internal/lazy"
)

// cites are the headings of the contract's page on which rules stand, by the ids of their checks. The first match counts.
var cites = []struct {
	ids  func() *regexp.Regexp
	page string
}{
	{lazy.Regexp(`^redaction/.*/trace`), "docs/contract.md#what-counts-as-a-secret"},
	{lazy.Regexp(`^redaction/`), "docs/contract.md#no-secret-in-any-answer"},
	{lazy.Regexp(`^flags/.*/(empty|blank)`), "docs/contract.md#stored-byte-for-byte"},
	{lazy.Regexp(`^flags/.*/forged`), "docs/contract.md#write-back"},
	{lazy.Regexp(`^flags/`), "docs/contract.md#flags"},
	{lazy.Regexp(`^required/create/`), "docs/contract.md#create"},
	{lazy.Regexp(`^required/`), "docs/contract.md#update"},
	{lazy.Regexp(`^envelope/.*/version`), "docs/contract.md#version"},
	{lazy.Regexp(`^envelope/.*/(flat|wrapped)`), "docs/contract.md#flat-payload"},
	{lazy.Regexp(`^envelope/.*/(json|twice|utf8)`), "docs/contract.md#valid-json"},
	{lazy.Regexp(`^envelope/.*media`), "docs/contract.md#media-types"},
	{lazy.Regexp(`^envelope/`), "docs/contract.md#meta-and-payload"},
	{lazy.Regexp(`^types/body/read-only/`), "docs/contract.md#write-back"},
	{lazy.Regexp(`^types/.*/format$|^update/time/`), "docs/contract.md#times"},
	{lazy.Regexp(`^types/`), "docs/contract.md#types"},
	{lazy.Regexp(`^fields/null`), "docs/contract.md#null-on-create"},
	{lazy.Regexp(`^fields/empty`), "docs/contract.md#empty-text"},
	{lazy.Regexp(`^fields/(lists|.*/list(/|$))`), "docs/contract.md#lists-as-values"},
	{lazy.Regexp(`^fields/invented`), "docs/contract.md#create"},
	{lazy.Regexp(`^fields/`), "docs/contract.md#values-stay-as-sent"},
	{lazy.Regexp(`^lifecycle/.*/status$`), "docs/contract.md#success-status"},
	{lazy.Regexp(`^lifecycle/list/fields`), "docs/contract.md#list-items"},
	{lazy.Regexp(`^lifecycle/create/read-only`), "docs/contract.md#write-back"},
	{lazy.Regexp(`^lifecycle/read/twice`), "docs/contract.md#equal-answers"},
	{lazy.Regexp(`^lifecycle/.*/(unknown|twice)`), "docs/contract.md#statuses"},
	{lazy.Regexp(`^lifecycle/(.*/neighbour|bystanders)`), "docs/contract.md#sequences"},
	{lazy.Regexp(`^lifecycle/list`), "docs/contract.md#lists"},
	{lazy.Regexp(`^lifecycle/`), "docs/contract.md#paths"},
	{lazy.Regexp(`^names/`), "docs/contract.md#names"},
	{lazy.Regexp(`^update/(write-back|written-back)`), "docs/contract.md#write-back"},
	{lazy.Regexp(`^update/`), "docs/contract.md#update"},
	{lazy.Regexp(`^strategies/unknown`), "docs/contract.md#statuses"},
	{lazy.Regexp(`^strategies/twice`), "docs/contract.md#equal-answers"},
	{lazy.Regexp(`^strategies/`), "docs/contract.md#offered-strategies"},
	{lazy.Regexp(`^auth/.*/viewer(-all)?$`), "docs/contract.md#viewer"},
	{lazy.Regexp(`^auth/.*(before|almost|form|other)`), "docs/contract.md#refused-callers"},
	{lazy.Regexp(`^auth/`), "docs/contract.md#statuses"},
	{lazy.Regexp(`^destinations/.*/(malformed|types)`), "docs/contract.md#statuses"},
	{lazy.Regexp(`^destinations/in-use`), "docs/contract.md#credential-in-use"},
	{lazy.Regexp(`^destinations/.*attach`), "docs/contract.md#attaching-a-credential"},
	{lazy.Regexp(`^destinations/`), "docs/contract.md#neighbours"},
	{lazy.Regexp(`^errors/methods`), "docs/contract.md#methods"},
	{lazy.Regexp(`^errors/(ids|headers|long|paths)`), "docs/contract.md#odd-ids-headers-and-values"},
	{lazy.Regexp(`^errors/.*/(utf8|nul|trailing)`), "docs/contract.md#valid-json"},
	{lazy.Regexp(`^errors/.*media-type`), "docs/contract.md#media-types"},
	{lazy.Regexp(`^errors/`), "docs/contract.md#statuses"},
	{lazy.Regexp(`^concurrency/`), "docs/contract.md#races"},
	{lazy.Regexp(`^(many|lists)/`), "docs/contract.md#lists"},
	{lazy.Regexp(`^model/`), "docs/contract.md#sequences"},
	{lazy.Regexp(`^capabilities/`), "docs/contract.md#offered-strategies"},
}

// cited returns the heading of the contract's page with the rule of a check, or "".
func cited(id string) string {
	for _, one := range cites {
		if one.ids().MatchString(id) {
			return one.page
		}
	}
	return ""
}
