package view

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// formatWords describe the strings of a format.
var formatWords = map[string]string{
	"date-time": "a time as in 2026-01-15T09:30:00.000Z",
	"date":      "a date as in 2026-01-15",
	"byte":      "a string in base64",
}

// inWords describes the valid values of a schema, to complete "must be" and "send".
func inWords(schema *openapi3.Schema) string {
	if len(schema.Enum) > 0 {
		return alternativesInWords(schema.Enum)
	}
	if alternatives := append(append(openapi3.SchemaRefs{}, schema.OneOf...), schema.AnyOf...); len(alternatives) > 0 {
		var words []string
		for _, alternative := range alternatives {
			words = append(words, inWords(alternative.Value))
		}
		return strings.Join(words, " or ")
	}
	switch {
	case schema.Type.Is("string"):
		return stringInWords(schema)
	case schema.Type.Is("boolean"):
		return "true or false"
	case schema.Type.Is("number"):
		return "a number" + rangeInWords(schema)
	case schema.Type.Is("integer"):
		return "a whole number" + rangeInWords(schema)
	case schema.Type.Is("array") && schema.Items != nil && schema.Items.Value.Type.Is("string"):
		return "an array of strings"
	case schema.Type.Is("array"):
		return "an array"
	}
	return "an object"
}

func alternativesInWords(values []any) string {
	var words []string
	for _, value := range values {
		text, err := json.Marshal(value)
		if err == nil && value != nil {
			words = append(words, string(text))
		}
	}
	if len(words) == 1 {
		return words[0]
	}
	return "one of " + strings.Join(words, ", ")
}

func stringInWords(schema *openapi3.Schema) string {
	words := "a string"
	if described := formatWords[schema.Format]; described != "" {
		words = described
	}
	if schema.Pattern != "" {
		words += " that matches " + schema.Pattern
	}
	if schema.MinLength > 0 {
		words += fmt.Sprintf(", at least %d characters long", schema.MinLength)
	}
	if schema.MaxLength != nil {
		words += fmt.Sprintf(", at most %d characters long", *schema.MaxLength)
	}
	return words
}

func rangeInWords(schema *openapi3.Schema) string {
	words := ""
	if schema.Min != nil {
		words += fmt.Sprintf(", %v or more", *schema.Min)
	}
	if schema.Max != nil {
		words += fmt.Sprintf(", %v or less", *schema.Max)
	}
	return words
}
