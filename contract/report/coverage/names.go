package coverage

import (
	"strconv"

	"github.com/credmock/credmock"
)

// Names are all names that a coverage counts.
type Names struct{ Operations, Strategies, Statuses []string }

// NamesOf returns the names of a document. The token endpoint is no part of what is judged.
func NamesOf(spec *credmock.Spec) Names {
	var all Names
	for _, operation := range spec.Operations {
		if operation.Public {
			continue
		}
		all.Operations = append(all.Operations, operation.ID)
		for status := range operation.Source.Responses.Map() {
			if number, err := strconv.Atoi(status); err == nil {
				all.Statuses = append(all.Statuses, operation.ID+" "+strconv.Itoa(number))
			}
		}
	}
	for _, strategy := range spec.Strategies {
		all.Strategies = append(all.Strategies, strategy.Name)
	}
	return all
}
