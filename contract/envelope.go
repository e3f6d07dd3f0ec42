package contract

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/internal/foreign"
)

var versionForm = regexp.MustCompile(`^[0-9]+\.[0-9]+(\.[0-9]+)?$`)

// planEnvelope plans the rules of docs/contract.md#envelope.
func planEnvelope(p *planner) {
	for _, operation := range enveloped(p.spec) {
		name, needs := nameOf(operation), needsOf(operation)
		p.add("envelope/"+name+"/json", "A success of "+operation.ID+" is one JSON object.", documentedMust, judgeObject(operation), needs...)
		p.add("envelope/"+name+"/meta", "A success of "+operation.ID+" has an object meta.", documentedMust, judgeMeta(operation), needs...)
		p.add("envelope/"+name+"/version", "meta.version of "+operation.ID+" is major.minor or major.minor.patch.", documentedMust, judgeVersion(operation), needs...)
		p.add("envelope/"+name+"/payload", "A success of "+operation.ID+" has an object payload with what the operation answers.", documentedMust, judgePayload(operation), needs...)
		p.addReview("envelope/"+name+"/media-type", "A success of "+operation.ID+" says that it is JSON.", ruledShould, trigger(operation), reviewMediaType(operation), needs...)
	}
	all := func(q *probe) {
		for _, strategy := range q.spec.Strategies {
			q.journey(strategy)
		}
	}
	p.addReview("envelope/stable", "Every success carries the same version.", ruledShould, all, reviewStable)
	p.addReview("envelope/error/version", "An error carries meta.version too.", ruledShould, all, reviewErrorVersion)
}

// trigger makes sure that the operation has answered.
func trigger(operation *credmock.Operation) func(*probe) {
	return func(p *probe) { successes(p, operation) }
}

// successes returns answers of the operation: of every strategy, where it acts upon credentials.
func successes(p *probe, operation *credmock.Operation) []*exchange {
	var answers []*exchange
	switch {
	case operation.Resource == "destination":
		answers = p.neighbour().answers(operation.Action)
	case operation.Resource == "environment":
		answers = []*exchange{p.do(request{resource: "environment", action: "list", id: strconv.Itoa(p.organization)})}
	case operation.Action == "strategies":
		answers = []*exchange{p.do(request{action: "strategies"})}
	default:
		for _, strategy := range p.spec.Strategies {
			answers = append(answers, p.journey(strategy).steps(operation.Action)...)
		}
	}
	answers = slices.DeleteFunc(answers, func(e *exchange) bool { return e == nil || !p.answered(e).success() })
	if len(answers) == 0 {
		p.abandon("%s never succeeded", foreign.Own(operation.ID))
	}
	return answers
}

func judgeObject(operation *credmock.Operation) func(*probe) {
	return func(p *probe) {
		for _, e := range successes(p, operation) {
			if isDeleteOK(p, e) {
				continue
			}
			p.expect(len(e.body) > 0, e, "", "an empty body", "one JSON object")
			p.expect(len(e.body) == 0 || e.notJSON == nil, e, "", "a body that is not one JSON value", "one JSON object")
			if len(e.body) > 0 && e.notJSON == nil {
				p.expects(e, e.decoded()).Object()
			}
		}
	}
}

func judgeMeta(operation *credmock.Operation) func(*probe) {
	return func(p *probe) {
		for _, e := range successes(p, operation) {
			if !isDeleteOK(p, e) && !isMetaString(p, e) {
				p.expects(e, e.decoded()).Object().Value("meta").Object()
			}
		}
	}
}

func judgeVersion(operation *credmock.Operation) func(*probe) {
	return func(p *probe) {
		for _, e := range successes(p, operation) {
			switch {
			case isDeleteOK(p, e):
			case isMetaString(p, e):
				p.expects(e, e.decoded()).Object().Value("meta").String().Match(versionForm.String())
			default:
				p.expects(e, e.decoded()).Object().Value("meta").Object().Value("version").String().Match(versionForm.String())
			}
		}
	}
}

func judgePayload(operation *credmock.Operation) func(*probe) {
	return func(p *probe) {
		for _, e := range successes(p, operation) {
			if isDeleteOK(p, e) {
				continue
			}
			payload := p.expects(e, e.decoded()).Object().Value("payload").Object()
			switch {
			case operation.Member == "":
				judgeFlat(p, e)
			case operation.Action == "list":
				payload.Value(operation.Member).Array()
			case operation.Action == "delete":
				payload.Value(operation.Member).String()
			default:
				payload.Value(operation.Member).Object()
			}
		}
	}
}

// judgeFlat wants a single credential in the payload itself.
func judgeFlat(p *probe, e *exchange) {
	id := p.roleName(credmock.RoleID)
	p.expect(textOf(p.single(e)[id]) != "", e, "/payload", shown(p.single(e), id), "the credential itself, with its "+id+", flat in the payload")
}

// isDeleteOK tells whether the answer is the accepted alternative of the JSON string "OK".
func isDeleteOK(p *probe, e *exchange) bool {
	return e.operation.Action == "delete" && e.decoded() == "OK" && p.accepts("delete-ok")
}

// isMetaString tells whether the answer is the accepted alternative of a bare version in meta.
func isMetaString(p *probe, e *exchange) bool {
	_, bare := member(e.decoded(), "meta").(string)
	return bare && e.operation.Action == "delete" && p.accepts("meta-string")
}

func reviewMediaType(operation *credmock.Operation) func(*probe) {
	form := regexp.MustCompile(`^application/([a-z0-9.+-]+\+)?json\b`)
	return func(p *probe) {
		for _, e := range p.everything() {
			if e.operation == operation && p.canJudge(e) && e.success() {
				p.expect(form.MatchString(e.header.Get("Content-Type")), e, "header Content-Type", "another media type or none", "application/json")
			}
		}
	}
}

func reviewStable(p *probe) {
	first := ""
	for _, e := range p.everything() {
		if !p.canJudge(e) || !e.success() || e.version == "" {
			continue
		}
		if first == "" {
			first = e.version
		}
		p.expect(e.version == first, e, "/meta/version", "another version than before", "one version in a run")
	}
}

func reviewErrorVersion(p *probe) {
	for _, e := range p.everything() {
		if e.operation == nil || e.operation.Resource == "token" || !p.canJudge(e) || !e.refused() {
			continue
		}
		if !p.expect(e.version != "", e, "/meta/version", "no version in an error", "meta.version") {
			return // one is enough to say it
		}
	}
}
