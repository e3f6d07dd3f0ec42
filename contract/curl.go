package contract

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
)

// longBody is how much of a body a curl line can hold and still be read.
const longBody = 2000

// curl returns a command line that sends the request again. Secrets and tokens stand in it as variables of the
// environment: it can be pasted anywhere.
func (p *probe) curl(e *exchange) string {
	words := []string{"curl -sS -i"}
	if e.method != "GET" {
		words = append(words, "-X", e.method)
	}
	words = append(words, `"$URL`+p.plainPath(e)+`"`)
	if variable := tokenVariable(e.principal); variable != "" {
		words = append(words, `-H "Authorization: Bearer $`+variable+`"`)
	}
	if e.mediaType != "" {
		words = append(words, "-H 'Content-Type: "+e.mediaType+"'")
	}
	if len(e.sent) > 0 {
		words = append(words, "--data-raw '"+p.plainBody(e.sent)+"'")
	}
	return strings.Join(words, " ")
}

func tokenVariable(who principal) string {
	return map[principal]string{engineer: "TOKEN", viewer: "VIEWER_TOKEN", other: "OTHER_TOKEN"}[who]
}

// plainPath names what the run created by what it is: its id is another in the next run.
func (p *probe) plainPath(e *exchange) string {
	name := parameterOf(e.template)
	if name == "" || strings.Contains(name, "organization") {
		return e.path
	}
	if path := p.withoutEnvironment(e.path); path != e.path {
		return path
	}
	return strings.ReplaceAll(e.template, "{"+name+"}", "$"+shellName(name))
}

// plainBody returns a body with a variable in place of each secret, quoted for a shell.
func (p *probe) plainBody(sent []byte) string {
	var value any
	if json.Unmarshal(sent, &value) != nil || len(sent) > longBody {
		return "(a body of " + itoa(len(sent)) + " bytes that is not shown)"
	}
	names := p.spec.Secrets()
	value = replaceSecrets(value, func(name string) bool { return slices.Contains(names, name) })
	text := strings.ReplaceAll(canonical(value), p.runName, strings.TrimSpace(runPrefix))
	text = strings.ReplaceAll(text, "'", `'\''`)
	for _, name := range names {
		text = strings.ReplaceAll(text, mark(name), `'"$`+shellName(name)+`"'`)
	}
	if len(p.detector.Scan(text, p.scope)) > 0 {
		return "(a body that holds a secret where none belongs)"
	}
	return text
}

// mark stands for a secret until the text is quoted.
func mark(name string) string { return "@@" + name + "@@" }

func replaceSecrets(value any, isSecret func(string) bool) any {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			if text, isText := inner.(string); isText && isSecret(name) && text != "" && strings.TrimSpace(text) != "" {
				value[name] = mark(name)
				continue
			}
			value[name] = replaceSecrets(inner, isSecret)
		}
	case []any:
		for i, inner := range value {
			value[i] = replaceSecrets(inner, isSecret)
		}
	}
	return value
}

// shellName spells a name as the name of an environment variable: CLIENT_SECRET for clientSecret.
func shellName(name string) string {
	var spelled strings.Builder
	for i, letter := range name {
		if unicode.IsUpper(letter) && i > 0 {
			spelled.WriteByte('_')
		}
		spelled.WriteRune(unicode.ToUpper(letter))
	}
	return spelled.String()
}
