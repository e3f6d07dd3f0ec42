package rerun

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// longBody is the longest body that a curl line shows.
const longBody = 2000

// Curl returns a command line that sends the request again. Secrets and tokens are variables of the environment, so the line can
// be pasted anywhere.
func (w *Writer) Curl(e *wire.Exchange) foreign.Mixed {
	line := foreign.Say("curl -sS -i")
	if strings.ContainsAny(e.Path, "{[") {
		line = line.With(foreign.Say(" --globoff")) // otherwise curl makes several URLs of it
	}
	if e.Method != "GET" {
		line = line.With(foreign.Say(" -X %s", foreign.Own(foreign.Text(e.Method).ShellWord()))) // the document names it
	}
	if path := w.plainPath(e).shell(); strings.Contains(pathtemplate.Parameter(e.Template), "organization") {
		line = line.With(foreign.Say(" %s", path)) // the path has the number of the organization
	} else {
		line = line.With(foreign.Say(" %s", foreign.Own(path)))
	}
	if variable := tokenVariable(e.Principal); variable != "" {
		line = line.With(foreign.Say(" -H %s", foreign.Own(textWord("Authorization: Bearer ").withVariable(variable).shell())))
	}
	if e.MediaType != "" {
		line = line.With(foreign.Say(" -H %s", foreign.Own(textWord("Content-Type: "+e.MediaType).quoted()))) // from a check or the document
	}
	if len(e.Sent) > 0 {
		line = line.With(foreign.Say(" --data-raw %s", w.plainBody(e.Sent).quoted()))
	}
	return line
}

func tokenVariable(who wire.Principal) string {
	return map[wire.Principal]string{wire.Engineer: "TOKEN", wire.Viewer: "VIEWER_TOKEN", wire.Other: "OTHER_TOKEN"}[who]
}

// plainPath returns the URL of a request, with a variable for the id in its path: that differs in the next run.
func (w *Writer) plainPath(e *wire.Exchange) argument {
	base := argument{}.withVariable("URL")
	name := pathtemplate.Parameter(e.Template)
	if name == "" || strings.Contains(name, "organization") {
		return base.with(e.Path)
	}
	variable := shellName(name)
	if value, _ := pathtemplate.Match(e.Template, e.Path); len(w.Environment) >= longID && value == w.Environment {
		variable = environmentVariable
	}
	return base.withPath(e.Template, variable)
}

// plainBody returns a body with a variable in place of each secret.
func (w *Writer) plainBody(sent []byte) argument {
	var value any
	if json.Unmarshal(sent, &value) != nil || len(sent) > longBody {
		return textWord("(a body of " + strconv.Itoa(len(sent)) + " bytes that is not shown)")
	}
	names := w.Spec.Secrets()
	value = replaceSecrets(value, func(name string) bool { return slices.Contains(names, name) })
	text := strings.ReplaceAll(jsonvalue.Canonical(value), w.RunName, strings.TrimSpace(leftover.NamePrefix))
	if len(w.Detector.Scan(text, w.Scope)) > 0 {
		return textWord("(a body that holds a secret where none belongs)")
	}
	return withVariables(plainJSON(text))
}

// plainJSON returns JSON of the same value without text that a CI server would read as a command.
func plainJSON(encoded string) string {
	return strings.ReplaceAll(foreign.Text(encoded).JSON(), "##", `#\u0023`)
}

// markPrefix begins the marks of secrets. It is random, so that no text of a target is taken for a mark.
var (
	markPrefix = "@@" + rand.Text()
	markForm   = regexp.MustCompile(markPrefix + "([0-9a-f]*)@@")
)

// mark returns a placeholder for a secret until the text is quoted.
func mark(name string) string { return markPrefix + hex.EncodeToString([]byte(name)) + "@@" }

// withVariables returns a text with a variable in place of each mark.
func withVariables(text string) argument {
	whole, at := argument{}, 0
	for _, found := range markForm.FindAllStringSubmatchIndex(text, -1) {
		name, _ := hex.DecodeString(text[found[2]:found[3]]) // written by mark
		whole = whole.with(text[at:found[0]]).withVariable(shellName(string(name)))
		at = found[1]
	}
	return whole.with(text[at:])
}

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

// shellName returns a name as an environment variable: CLIENT_SECRET for clientSecret.
func shellName(name string) string {
	var spelled strings.Builder
	for i, letter := range name {
		if unicode.IsUpper(letter) && i > 0 || i == 0 && unicode.IsDigit(letter) {
			spelled.WriteByte('_')
		}
		if letter > unicode.MaxASCII || !isWordLetter(letter) {
			letter = '_'
		}
		spelled.WriteRune(unicode.ToUpper(letter))
	}
	return spelled.String()
}

func isWordLetter(letter rune) bool {
	return letter == '_' || unicode.IsLetter(letter) || unicode.IsDigit(letter)
}
