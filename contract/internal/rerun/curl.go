package rerun

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/credmock/credmock/contract/internal/leftover"
	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// longBody is the longest body that a line shows as it is.
const longBody = 2000

// Curl returns a command line that sends the request again. Secrets and tokens are variables of the environment, so the line can
// be pasted anywhere.
func (w *Writer) Curl(e *wire.Exchange) foreign.Mixed {
	_, line := w.Again(nil, e)
	return line
}

// curl returns the command that sends one request, with further flags.
func (a *again) curl(e *wire.Exchange, flags foreign.Own) foreign.Mixed {
	line := foreign.Say("curl -sS").With(foreign.Say(flags))
	if strings.ContainsAny(e.Path+e.Query, "{[") {
		line = line.With(foreign.Say(" --globoff")) // otherwise curl makes several URLs of it
	}
	if strings.Contains(e.Path, "/.") {
		line = line.With(foreign.Say(" --path-as-is"))
	}
	if a.Way != "" {
		line = line.With(foreign.Say(" %s", a.Way))
	}
	if e.Compressed {
		line = line.With(foreign.Say(" --compressed"))
	}
	switch method := cmp.Or(e.Asked, e.Method); {
	case method == http.MethodGet && len(e.Sent) == 0:
	case method == http.MethodHead && len(e.Sent) == 0:
		line = line.With(foreign.Say(" --head"))
	case method == http.MethodHead:
		line = line.With(foreign.Say(" -X HEAD --max-time 5")) // curl waits for a body that does not come
	default:
		line = line.With(foreign.Say(" -X %s", foreign.Own(foreign.Text(method).ShellWord()))) // the document or a check names it
	}
	if path := a.plainPath(e).shell(); strings.Contains(pathtemplate.Parameter(e.Template), "organization") {
		line = line.With(foreign.Say(" %s", path)) // the path has the number of the organization
	} else {
		line = line.With(foreign.Say(" %s", foreign.Own(path)))
	}
	for _, header := range append(a.headers(e), a.gates(e)...) {
		line = line.With(foreign.Say(" -H %s", foreign.Own(header))) // from a check or the document
	}
	return a.withBody(line, e)
}

// withBody adds the body of a request to its line, or puts a command before the line that writes the body.
func (a *again) withBody(line foreign.Mixed, e *wire.Exchange) foreign.Mixed {
	before := foreign.Mixed{}
	if len(e.Sent) == 0 {
		return line
	}
	if source := a.source(e.Sent); source != "" {
		before = foreign.Say("%s", source)
	} else if text := fromUTF16(e.Sent); text != nil {
		before = foreign.Say("printf %%s %s | iconv -t UTF-16", a.plainBody(text).quoted())
	} else {
		return line.With(foreign.Say(" --data-raw %s", a.plainBody(e.Sent).quoted()))
	}
	return before.With(foreign.Say(" | ")).With(line).With(foreign.Say(" --data-binary @-"))
}

// fromUTF16 returns a body in UTF-16 with its mark as UTF-8, or nil: a secret in it is no text that a variable can stand for.
func fromUTF16(sent []byte) []byte {
	rest, isMarked := bytes.CutPrefix(sent, []byte("\xff\xfe"))
	if !isMarked || len(rest)%2 != 0 {
		return nil
	}
	var units []uint16
	for pair := range slices.Chunk(rest, 2) {
		units = append(units, binary.LittleEndian.Uint16(pair))
	}
	return []byte(string(utf16.Decode(units)))
}

// headers returns the headers of a request as words of a shell. A header that curl would add, and that was not sent, is taken away.
func (a *again) headers(e *wire.Exchange) []string {
	if e.Headers == nil {
		var list []string
		if variable := tokenVariable(e.Principal); variable != "" {
			list = append(list, textWord("Authorization: Bearer ").withVariable(variable).shell())
		}
		if e.MediaType != "" {
			list = append(list, textWord("Content-Type: "+e.MediaType).quoted())
		}
		return list
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
		for _, value := range e.Headers[name] {
			if name == "User-Agent" || name == "Accept" && value == "application/json" {
				continue
			}
			if value == "" {
				list = append(list, textWord(name+";").quoted())
				continue
			}
			list = append(list, a.withTokens(name+": "+value).quoted())
		}
	}
	if len(e.Sent) > 0 && len(e.Headers["Content-Type"]) == 0 {
		list = append(list, textWord("Content-Type:").quoted())
	}
	return list
}

// gates returns the headers that what stands before the target asks for, each with a variable for its value.
func (a *again) gates(e *wire.Exchange) (list []string) {
	for _, name := range a.Gates {
		if len(e.Headers[name]) == 0 {
			list = append(list, textWord(name+": ").withVariable(foreign.Text(name).HeaderVariable()).shell())
		}
	}
	return list
}

// withTokens returns a text with a variable, or a command that changes one, in place of a token.
func (a *again) withTokens(text string) argument {
	for _, who := range []wire.Principal{wire.Engineer, wire.Viewer, wire.Other} {
		if token := a.bearer(who); token != "" {
			if before, after, found := strings.Cut(text, token); found {
				return textWord(before).withVariable(tokenVariable(who)).with(after)
			}
			if word := almostToken(text, token, tokenVariable(who)); word != nil {
				return word
			}
		}
	}
	if len(a.Detector.ScanEscaped(text)) > 0 || len(a.Detector.Scan(text, a.Scope)) > 0 {
		return textWord("(a text that holds a part of a secret)")
	}
	return textWord(text)
}

// bearer returns the token of a principal; "" if it is not known.
func (a *again) bearer(who wire.Principal) string {
	if a.Bearer == nil {
		return ""
	}
	return a.Bearer(who)
}

// almostToken returns the word for a text that ends in a token with a changed character, or in another case; nil if it does not.
func almostToken(text, token, variable string) argument {
	before, rest := "", text
	if at := strings.LastIndexByte(text, ' '); at >= 0 {
		before, rest = text[:at+1], text[at+1:]
	}
	head, tail := 0, 0
	for head < min(len(rest), len(token)) && rest[head] == token[head] {
		head++
	}
	for tail < min(len(rest), len(token))-head && rest[len(rest)-1-tail] == token[len(token)-1-tail] {
		tail++
	}
	printed := `$(printf %s "$` + variable + `" | `
	switch {
	case 2*(head+tail) >= len(token) && head+tail < len(token)+len(rest):
		word := textWord(before)
		if head > 0 {
			word = word.withVariable(fmt.Sprintf("%scut -c 1-%d)", printed, head))
		}
		if word = word.with(rest[head : len(rest)-tail]); tail > 0 {
			word = word.withVariable(fmt.Sprintf("%stail -c %d)", printed, tail))
		}
		return word
	case strings.EqualFold(rest, token):
		return textWord(before).withVariable(printed + `tr 'a-zA-Z' 'A-Za-z')`)
	}
	return nil
}

func tokenVariable(who wire.Principal) string {
	return map[wire.Principal]string{wire.Engineer: "TOKEN", wire.Viewer: "VIEWER_TOKEN", wire.Other: "OTHER_TOKEN"}[who]
}

// plainPath returns the URL of a request, with a variable for an id in its path that differs in the next run.
func (a *again) plainPath(e *wire.Exchange) argument {
	base := a.plainBase(e)
	if e.Query != "" {
		return append(base.with("?"), a.withTokens(e.Query)...)
	}
	return base
}

// plainBase returns the URL without its query.
func (a *again) plainBase(e *wire.Exchange) argument {
	base := argument{}.withVariable("URL")
	name := pathtemplate.Parameter(e.Template)
	value, matches := pathtemplate.Match(e.Template, e.Path)
	switch {
	case name == "" || strings.Contains(name, "organization"):
		return base.with(e.Path)
	case len(a.Environment) >= longID && value == a.Environment:
		return base.withPath(e.Template, environmentVariable)
	case a.ids[value] != "":
		return base.withPath(e.Template, a.ids[value])
	case a.isEnvironment(value):
		return base.with(e.Path)
	case a.near(e, value) != nil:
		return append(base, a.near(e, value)...)
	case e.Operation == nil && (!matches || !a.isRunID(value)) && len(a.Detector.Scan(e.Path, a.Scope)) == 0:
		return base.with(e.Path) // a path of the check's own
	case a.isRunID(value) || !uuidInText().MatchString(value):
		return base.withPath(e.Template, foreign.Text(name).ShellVariable())
	}
	return base.with(pathtemplate.Fill(e.Template, uuidInText().ReplaceAllString(value, unknownID)))
}

// isEnvironment tells whether the target lists an environment with the id.
func (a *again) isEnvironment(id string) bool {
	return uuidInText().MatchString(id) && a.Environments != nil && bytes.Contains(a.Environments.Body, []byte(id))
}

// near returns a path with an id that holds one of the run, or a part of it; nil if it does not.
func (a *again) near(e *wire.Exchange, value string) argument {
	id := a.idNear(value)
	variable := a.ids[id]
	if id == "" || id == value || variable == "" {
		return nil
	}
	before, after, found := strings.Cut(e.Path, id)
	if found {
		return textWord(before).withVariable(variable).with(after)
	}
	before, after, found = strings.Cut(e.Path, value)
	if word := almostToken(value, id, variable); found && word != nil {
		return append(textWord(before), word.with(after)...)
	}
	return nil
}

// isRunID tells whether an id is of something that the run created, so that a variable has to stand for it.
func (a *again) isRunID(id string) bool { return id != "" && (a.made == nil || a.made[id]) }

// unknownID stands for an id that nothing has.
const unknownID = "00000000-0000-4000-8000-000000000000"

// plainBody returns a body with a variable in place of each secret and each id.
func (a *again) plainBody(sent []byte) argument {
	text := a.withMarks(string(sent))
	if !utf8.ValidString(text) || len(a.Detector.Scan(text, a.Scope)) > 0 {
		return textWord("(a body that holds a secret where none belongs)")
	}
	return withVariables(text)
}

// withMarks returns a body with a mark in place of each secret and each id, and without the name of the run.
func (a *again) withMarks(text string) string {
	text = strings.ReplaceAll(text, a.RunName, strings.TrimSpace(leftover.NamePrefix))
	for id, name := range a.ids {
		text = strings.ReplaceAll(text, `"`+id+`"`, `"`+mark(name)+`"`)
	}
	if json.Valid([]byte(text)) {
		text = plainJSON(text)
	}
	text = a.secretForm().ReplaceAllStringFunc(text, func(member string) string {
		parts := a.secretForm().FindStringSubmatch(member)
		if strings.TrimSpace(parts[3]) == "" {
			return member
		}
		return parts[1] + `"` + a.withoutCanary(parts[2], parts[3]) + `"`
	})
	if len(a.Detector.Scan(text, a.Scope)) > 0 { // a secret under another name, or within another value
		text = canaryForm().ReplaceAllStringFunc(text, func(canary string) string { return a.withoutCanary("secret", canary) })
	}
	return text
}

// canaryForm matches the made-up part of a secret. What is around it is no secret, but may be what a target stumbles over.
var canaryForm = lazy.Regexp(`([A-Za-z0-9][\^|]){3,}[A-Za-z0-9]?`)

// withoutCanary returns a secret, as JSON, with a mark in place of its made-up part, or of all of it.
func (a *again) withoutCanary(name, secret string) string {
	canary := cmp.Or(canaryForm().FindString(secret), secret)
	unit, times := canary, 1
	if length, repeated := repeatedAt(canary); repeated > 1 && length*repeated == len(canary) {
		unit, times = canary[:length], repeated
	}
	variable := a.secrets[name+"="+unit]
	if variable == "" {
		variable = a.variable(foreign.Text(name).ShellVariable())
		a.secrets[name+"="+unit] = variable
	}
	if times > 1 {
		variable = fmt.Sprintf(`$(yes "$%s" | head -n %d | tr -d '\n')`, variable, times)
	}
	return strings.Replace(secret, canary, mark(variable), 1)
}

// secretForm matches a member of a body with the name of a secret and a text.
func (a *again) secretForm() *regexp.Regexp {
	if a.form == nil {
		var names []string
		for _, name := range a.Spec.Secrets() {
			names = append(names, regexp.QuoteMeta(name))
		}
		a.form = regexp.MustCompile(`("(` + strings.Join(names, "|") + `)"\s*:\s*)"((?:[^"\\]|\\.)*)"`)
	}
	return a.form
}

// plainJSON returns JSON of the same value without text that a CI server would read as a command.
func plainJSON(encoded string) string {
	return strings.ReplaceAll(foreign.Text(encoded).JSON(), "##", `#\u0023`)
}

// markPrefix begins the marks of secrets. It is random, so that no text of a target is taken for a mark.
var (
	markPrefix = "@@" + rand.Text()
	markForm   = lazy.Regexp(markPrefix + "([0-9a-f]*)@@")
)

// mark returns a placeholder for a secret until the text is quoted.
func mark(name string) string { return markPrefix + hex.EncodeToString([]byte(name)) + "@@" }

// withVariables returns a text with a variable in place of each mark.
func withVariables(text string) argument {
	whole, at := argument{}, 0
	for _, found := range markForm().FindAllStringSubmatchIndex(text, -1) {
		name, _ := hex.DecodeString(text[found[2]:found[3]]) // written by mark
		whole = whole.with(text[at:found[0]]).withVariable(string(name))
		at = found[1]
	}
	return whole.with(text[at:])
}

// withoutCanaries returns a secret with a mark in place of each made-up part, or of all of it. What is around it may be what a target
// stumbles over.
func withoutCanaries(secret, name string) string {
	if !canaryForm().MatchString(secret) {
		return mark(name)
	}
	return canaryForm().ReplaceAllStringFunc(secret, func(canary string) string {
		length, times := repeatedAt(canary)
		if times == 0 || length*times != len(canary) {
			times = 1
		}
		return strings.Repeat(mark(name), times)
	})
}

func replaceSecrets(value any, isSecret func(string) bool) any {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			if text, isText := inner.(string); isText && isSecret(name) && text != "" && strings.TrimSpace(text) != "" {
				value[name] = withoutCanaries(text, name)
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
