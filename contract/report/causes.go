package report

import "strings"

// screen is how many lines the text report of causes has at most, unless it must tell of more than causes.
const screen = 40

// causes writes the causes of all failures, as many in full as fit between what stands before and behind them.
func (t *textReport) causes(behind string) {
	room := screen - strings.Count(t.String(), "\n") - strings.Count(behind, "\n")
	list := t.report.Causes
	for i, cause := range list {
		block, left := t.causeText(cause), len(list)-i-1
		lines := strings.Count(block, "\n")
		switch {
		case lines+min(left, 3) <= room:
			t.WriteString(block)
		case room > 1 || left == 0:
			block, lines = t.causeLine(cause), 1
			t.WriteString(block)
		default:
			t.say("      %d more causes; --verbose shows every finding\n", left+1)
			return
		}
		room -= lines
	}
}

// worst returns the worst standing of the checks of a cause.
func (r Report) worst(cause Cause) standing {
	worst := len(standings) - 1
	for _, result := range r.Checks {
		for _, id := range cause.Checks {
			if result.ID == id {
				worst = min(worst, rank(r.standing(result)))
			}
		}
	}
	return standings[worst]
}

// causeText returns a cause in full. One of a single check is told as that check.
func (t *textReport) causeText(cause Cause) string {
	block := &textReport{report: t.report, paint: t.paint}
	mark := textMarks[t.report.worst(cause)]
	result, single := t.report.single(cause)
	if single {
		result.Findings = nil
		block.result(result)
	} else {
		block.say("\n%s  %s  (%s)\n", t.paint(mark.colour, mark.word), t.paint(bold, strings.TrimSuffix(cause.Title, ".")), checks(len(cause.Checks)))
	}
	block.finding(cause.Finding)
	if more := len(cause.Places) - 1; more > 0 {
		block.say("      and:   %d more %s: %s\n", more, plural("place", more), placesOf(cause))
	}
	if !single {
		block.say("      by:    %s\n", fewOf(cause.Checks))
	}
	if len(cause.Follows) > 0 {
		block.say("      then:  %s failed there too, likely for this: %s\n", checks(len(cause.Follows)), fewOf(cause.Follows))
	}
	return block.String()
}

// single returns the only check of a cause.
func (r Report) single(cause Cause) (Result, bool) {
	for _, result := range r.Checks {
		if len(cause.Checks) == 1 && result.ID == cause.Checks[0] {
			return result, true
		}
	}
	return Result{}, false
}

// placesOf returns the names of the members and parts at the places of a cause, each once.
func placesOf(cause Cause) string {
	var names []string
	seen := map[string]bool{}
	for _, place := range cause.Places {
		name := place
		if strings.Count(place, " ") > 2 {
			name = place[strings.LastIndexAny(place, "/ ")+1:]
		}
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return fewOf(names)
}

// causeLine returns a cause in one line.
func (t *textReport) causeLine(cause Cause) string {
	line := &textReport{report: t.report, paint: t.paint}
	mark := textMarks[t.report.worst(cause)]
	line.say("%s  %s  (%s)\n", t.paint(mark.colour, mark.word), cause.Title, fewOf(cause.Checks))
	return line.String()
}

// capabilitiesInShort names what the target has in one line, and tells of each thing that it lacks.
func (t *textReport) capabilitiesInShort() {
	var has []string
	for _, capability := range t.report.Capabilities {
		if capability.Present {
			has = append(has, capability.Name)
		}
	}
	if len(has) > 0 {
		t.say("  has   %s\n", strings.Join(has, ", "))
	}
	for _, capability := range t.report.kinds() {
		if !capability.Present {
			t.say("  %s %s: %s\n", t.paint(yellow, "lacks"), capability.Names, capability.Provenance)
		}
	}
}
