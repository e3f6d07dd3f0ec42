package recipe

import (
	_ "embed"
	"fmt"
	"strings"
)

// introduction is the beginning of the page.
//
//go:embed introduction.md
var introduction string

const missingTitle = "## Servers that the fields cannot serve"

// page returns all recipes as a page in Markdown.
func page(recipes []*recipe) string {
	var can, cannot strings.Builder
	for _, one := range recipes {
		if one.Missing == "" {
			can.WriteString("\n#" + one.section())
		} else {
			cannot.WriteString("\n#" + one.section())
		}
	}
	return introduction + can.String() + "\n" + missingTitle + "\n" + cannot.String()
}

// section returns a recipe in Markdown, which a terminal shows well too.
func (r *recipe) section() string {
	text := "## " + r.Server + "\n\nName: `" + r.Name + "`.\n"
	if r.Missing != "" {
		return text + r.Missing + "\n"
	}
	if r.About != "" {
		text += r.About + "\n"
	}
	text += fenced("json", r.credential()) + fenced("http", r.Request)
	if r.Answer != "" {
		text += fmt.Sprintf("\nThe answer is read as a token that lives %d seconds:\n", r.Life) + fenced("json", r.Answer)
	}
	return text
}

// fenced returns a block of Markdown.
func fenced(language, text string) string { return "\n```" + language + "\n" + text + "\n```\n" }

// list returns the names of all recipes.
func list(recipes []*recipe) string {
	var can, cannot strings.Builder
	for _, one := range recipes {
		into := &can
		if one.Missing != "" {
			into = &cannot
		}
		fmt.Fprintf(into, "  %-24s %s\n", one.Name, one.Server)
	}
	return "Credentials for these servers:\n\n" + can.String() +
		"\nServers that the fields cannot serve; the recipe says what is missing:\n\n" + cannot.String()
}
