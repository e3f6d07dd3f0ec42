// Package recipe has the commands recipe, which prints the credentials for well-known authorization servers, and explain-request,
// which prints the requests that a credential describes.
package recipe

import (
	"bytes"
	"cmp"
	_ "embed"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/spelling"
	"github.com/credmock/credmock/internal/view"
)

//go:embed recipes.yaml
var file []byte

// recipe is a well-known authorization server and the credential for it. The file explains its members.
type recipe struct {
	Name, Server, About string
	Fields              yaml.Node
	Request             string
	Answer              string
	Life                int
	Missing             string // the fields cannot say this; empty if there is a credential
}

// all returns the recipes in the order of their names.
var all = sync.OnceValues(func() ([]*recipe, error) {
	var read []*recipe
	decoder := yaml.NewDecoder(bytes.NewReader(file))
	decoder.KnownFields(true)
	return read, decoder.Decode(&read)
})

// named returns the recipe of a name, or nil.
func named(recipes []*recipe, name string) *recipe {
	for _, one := range recipes {
		if strings.EqualFold(one.Name, name) {
			return one
		}
	}
	return nil
}

// meant returns the end of a sentence that names the recipes that somebody may have meant.
func meant(recipes []*recipe, name string) string {
	var known, near []string
	for _, one := range recipes {
		known = append(known, one.Name)
		if name != "" && strings.Contains(strings.ToLower(one.Name+" "+one.Server), strings.ToLower(name)) {
			near = append(near, one.Name)
		}
	}
	if len(near) > 0 {
		return "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return cmp.Or(spelling.Hint(name, known), "; credmock recipe lists all")
}

// credential returns the fields as JSON, in the order of the file.
func (r *recipe) credential() string {
	var text strings.Builder
	for i := 0; i+1 < len(r.Fields.Content); i += 2 {
		name, value := r.Fields.Content[i], r.Fields.Content[i+1]
		text.WriteString(",\n  " + quoted(name.Value) + ": ")
		if value.Tag == "!!str" {
			text.WriteString(quoted(value.Value))
		} else {
			text.WriteString(value.Value)
		}
	}
	return "{" + strings.TrimPrefix(text.String(), ",") + "\n}"
}

func quoted(text string) string { return string(view.AppendValue(nil, text)) }
