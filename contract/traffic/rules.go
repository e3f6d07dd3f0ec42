package traffic

import (
	"mime"
	"slices"
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
)

// rule is a check of recorded answers.
type rule struct {
	id, text string
	basis    credmock.Basis
	// looksAt tells whether the rule is about an answer.
	looksAt func(e *one) bool
	// judge returns the findings of an answer, without their places in the recording.
	judge func(e *one) []finding
	needs string // why it is skipped if it looks at nothing
}

// finding is a place of an answer that breaks a rule.
type finding struct{ place, seen, owed string }

var (
	documented = credmock.Basis{Evidence: credmock.Documented, Level: credmock.Must}
	inferred   = credmock.Basis{Evidence: credmock.Inferred, Level: credmock.Must}
	ruledMust  = credmock.Basis{Evidence: credmock.Ruled, Level: credmock.Must}
	ruled      = credmock.Basis{Evidence: credmock.Ruled, Level: credmock.Should}
)

// nameOf names an operation as the checks of the suite do.
func nameOf(operation *credmock.Operation) string {
	if operation.Resource == "credential" {
		return operation.Action
	}
	return operation.Resource + "-" + operation.Action
}

// rules returns the rules of the document.
func (j *judged) rules() []rule {
	var list []rule
	for _, operation := range j.Spec.Operations {
		if !operation.Public {
			list = append(list, j.rulesOf(operation)...)
		}
	}
	refused := func(e *one) bool { return e.Status >= 400 && e.hasBody() && len(e.ResponseBody) > 0 }
	return append(list,
		rule{"envelope/error/version", "An error carries meta.version too.", ruled, refused, judgeErrorVersion,
			"no error was recorded with its body"},
		rule{"envelope/error/json", "An error that says it is JSON is one JSON value, in UTF-8 and without a member twice.", ruled,
			func(e *one) bool { return refused(e) && isJSON(e.ResponseHeader.Get("Content-Type")) }, judgeJSON, "no error in JSON was recorded"},
		rule{"redaction/token", "No answer shows the bearer token of a request.", ruledMust,
			func(e *one) bool { return e.afterToken }, judgeLeaks(true, true), "no token was recorded that can be told from other text"},
	)
}

func (j *judged) rulesOf(operation *credmock.Operation) []rule {
	name := nameOf(operation)
	any := func(e *one) bool { return e.operation == operation }
	success := func(e *one) bool { return any(e) && e.succeeded() && e.hasBody() }
	object := func(e *one) bool { return success(e) && e.notJSON == nil && e.value != nil && !j.isDeleteOK(e) }
	secrets := func(e *one) bool { return any(e) && e.afterSecret }
	const unsent = "no secret was recorded before that can be told from other text"
	const none = "no success that it looks at was recorded with its body"
	list := []rule{
		{"status/" + name + "/crash", operation.ID + " never answers with an error of the server.", inferred, any, judgeCrash,
			"no request that it looks at was recorded"},
		{"status/" + name + "/success", operation.ID + " succeeds with a status of the document.", ruled,
			func(e *one) bool { return any(e) && e.succeeded() }, judgeStatus, none},
		{"redaction/" + name + "/sent", "No answer to " + operation.ID + " shows a secret that went up before.", inferred, secrets,
			judgeLeaks(false, true), unsent},
		{"redaction/" + name + "/weak", "No answer to " + operation.ID + " shows a secret that went up before in a form that is hard to read.",
			ruled, secrets, judgeLeaks(false, false), unsent},
	}
	if operation.AnswerSchema(operation.Status) == nil {
		return list
	}
	return append(list,
		rule{"envelope/" + name + "/json", "A success of " + operation.ID + " is one JSON object, in UTF-8 and without a member twice.",
			documented, success, j.judgeObject, none},
		rule{"envelope/" + name + "/media-type", "A success of " + operation.ID + " says that it is JSON.", ruled, success, judgeMediaType, none},
		rule{"document/" + name + "/answer", "A success of " + operation.ID + " keeps the schema of the document.", documented, object,
			j.judgeSchema(false), none},
		rule{"document/" + name + "/form", "The values in a success of " + operation.ID + " have the forms of the document.", ruled, object,
			j.judgeSchema(true), none},
		rule{"redaction/" + name + "/key", "No success of " + operation.ID + " has a member with the name of a secret.", inferred, object,
			j.judgeKeys, none})
}

func judgeCrash(e *one) []finding {
	if e.Status < 500 {
		return nil
	}
	return []finding{{"", strconv.Itoa(e.Status), "an answer to the request, with a status below 500"}}
}

func judgeStatus(e *one) []finding {
	if e.Status == e.operation.Status || e.Status == 200 {
		return nil
	}
	return []finding{{"", strconv.Itoa(e.Status), strconv.Itoa(e.operation.Status)}}
}

// judgeObject judges that a success is one JSON object.
func (j *judged) judgeObject(e *one) []finding {
	if len(e.ResponseBody) == 0 {
		return []finding{{"", "an empty body", "one JSON object"}}
	}
	if found := judgeJSON(e); found != nil || j.isDeleteOK(e) {
		return found
	}
	if _, isObject := e.value.(map[string]any); !isObject {
		return []finding{{"", "JSON that is no object", "one JSON object"}}
	}
	return nil
}

// isDeleteOK tells whether an answer is the accepted alternative "OK".
func (j *judged) isDeleteOK(e *one) bool {
	return e.operation.Action == "delete" && e.value == "OK" && slices.Contains(j.Accept, "delete-ok")
}

func judgeJSON(e *one) []finding {
	if e.notJSON == nil {
		return nil
	}
	return []finding{{"", "a body that is not one JSON value: " + e.notJSON.Error(), "one JSON value, in UTF-8 and without a member twice"}}
}

func judgeMediaType(e *one) []finding {
	if isJSON(e.ResponseHeader.Get("Content-Type")) {
		return nil
	}
	return []finding{{"header Content-Type", "another media type or none", "application/json"}}
}

// isJSON tells whether a media type is one of JSON.
func isJSON(text string) bool {
	name, _, err := mime.ParseMediaType(text)
	return err == nil && (name == "application/json" || strings.HasPrefix(name, "application/") && strings.HasSuffix(name, "+json"))
}

func judgeErrorVersion(e *one) []finding {
	if version, _ := jsonvalue.Member(e.value, "meta", "version").(string); version != "" {
		return nil
	}
	return []finding{{"/meta/version", "no version in an error", "meta.version"}}
}

// judgeSchema judges a success by the schema: by the forms of its values, or by all else.
func (j *judged) judgeSchema(form bool) func(e *one) []finding {
	return func(e *one) []finding {
		broken, strict := j.breaches(e)
		if form {
			broken = strict
		}
		var found []finding
		for _, one := range broken {
			found = append(found, finding{one.pointer, seenAt(e.value, one.pointer), one.owed})
		}
		return found
	}
}

// seenAt describes a value by its kind: the value itself may be a secret.
func seenAt(value any, pointer string) string {
	for _, name := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		switch inner := value.(type) {
		case map[string]any:
			next, there := inner[strings.NewReplacer("~1", "/", "~0", "~").Replace(name)]
			if !there {
				return "no such member"
			}
			value = next
		case []any:
			at, err := strconv.Atoi(name)
			if err != nil || at >= len(inner) {
				return "no such item"
			}
			value = inner[at]
		}
	}
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	}
	return "a number"
}

// judgeKeys finds members with the name of a secret in a success about credentials.
func (j *judged) judgeKeys(e *one) (found []finding) {
	if e.operation.Resource != "credential" || e.operation.Action == "strategies" {
		return nil
	}
	names := j.Spec.Secrets()
	if strategy := j.Spec.Strategy(j.strategyOf(e)); strategy != nil {
		names = slices.DeleteFunc(slices.Clone(names), func(name string) bool {
			property := strategy.Shown.Property(name)
			return property != nil && !property.Secret
		})
	}
	jsonvalue.Walk(jsonvalue.Member(e.value, "payload"), func(path *jsonvalue.Path, inner any) bool {
		object, _ := inner.(map[string]any)
		for _, name := range names {
			if _, there := object[name]; there && len(found) < mostFindings {
				found = append(found, finding{path.Pointer("/payload") + "/" + name, "a member " + name, "no member " + name + " at all"})
			}
		}
		return true
	})
	return found
}

// judgeLeaks finds secrets that went up: tokens or others, in certain forms or others.
func judgeLeaks(tokens, certain bool) func(e *one) []finding {
	return func(e *one) (found []finding) {
		for _, leak := range e.leaks {
			isToken := leak.Secret.Label == tokenLabel
			if isToken == tokens && (tokens || leak.Certain == certain) {
				found = append(found, finding{leak.place, "the secret " + leak.Secret.Label + " (" + leak.Form + ")", "no part or form of a secret"})
			}
		}
		return found
	}
}

// mostFindings is the number of findings of one rule that are reported.
const mostFindings = 8

// apply judges the recorded answers by a rule.
func (j *judged) apply(r rule) report.Result {
	result := report.Result{ID: r.id, Rule: r.text, Level: r.basis.Level, Source: r.basis.Evidence}
	looked := false
	for _, e := range j.list {
		if !r.looksAt(e) {
			continue
		}
		looked = true
		for _, one := range r.judge(e) {
			found := report.Finding{Where: short(e.where(one.place)), Seen: short(one.seen), Owed: short(one.owed)}
			if len(result.Findings) >= mostFindings {
				result.Findings = report.CountUntold(result.Findings, found.Owed)
			} else {
				result.Findings = append(result.Findings, found)
			}
		}
	}
	switch {
	case !looked:
		result.Because(report.Skip, foreign.Say("%s", foreign.Own(r.needs)))
	case len(result.Findings) > 0:
		result.Because(report.Fail, foreign.Mixed{})
	default:
		result.Because(report.Pass, foreign.Mixed{})
	}
	return result
}
