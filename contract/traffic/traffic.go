// Package traffic judges recorded requests and answers by the rules that need no request of the suite: an answer keeps the document and
// its envelope, and shows no secret of an earlier request.
package traffic

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/jsonbound"
	"github.com/credmock/credmock/internal/leak"
	"github.com/credmock/credmock/internal/pathtemplate"
)

// Exchange is a recorded request and its answer.
type Exchange struct {
	Number         int // in the recording, from 1
	Method, URL    string
	RequestHeader  http.Header
	RequestBody    []byte
	Status         int // 0 if no answer was recorded
	ResponseHeader http.Header
	ResponseBody   []byte
	// Missing says why the body of the answer is not there. It is empty if it is, or if the answer has none.
	Missing string
}

// Recording is what was recorded, and how to judge it.
type Recording struct {
	Exchanges []Exchange // in the order of time
	// Base is the URL at which the API stands, before /v1. If empty, the one that all requests of the API have.
	Base string
	// Spec is the document to judge by. If nil, the embedded one.
	Spec *credmock.Spec
	// Accept, Strict, Known and MinCoverage are those of contract.Target.
	Accept      []string
	Strict      bool
	Known       []report.KnownFailure
	MinCoverage int
}

// one is an exchange of the API.
type one struct {
	*Exchange
	operation *credmock.Operation
	path      string
	value     any   // the decoded body; nil if it is not JSON
	notJSON   error // why it is not
	leaks     []sighting

	afterToken, afterSecret bool // one went up before and is looked for
}

// sighting is a secret in an answer.
type sighting struct {
	leak.Sighting
	place string
}

// judged is a recording under judgement.
type judged struct {
	Recording
	base     string
	list     []*one
	detector *leak.Detector
	secrets  map[string]bool // that went up
	looking  map[string]bool // the labels of those that are looked for
	plain    int             // that cannot be told from other text
	foreign  int             // requests to other places
	silent   int             // requests without an answer
	gateway  int             // answers of a gateway
	missing  int             // answers without a body
	started  time.Time
}

// Judge judges a recording. The error is a [*report.UsageError] or nil.
func Judge(given Recording) (report.Report, error) {
	if given.Spec == nil {
		given.Spec = credmock.Default()
	}
	j := &judged{Recording: given, detector: leak.New(), secrets: map[string]bool{}, looking: map[string]bool{}, started: time.Now()}
	base, err := j.whereTheAPIIs()
	if err != nil {
		return report.Report{}, err
	}
	j.base = base
	j.sort()
	return j.report(), nil
}

// whereTheAPIIs returns the base URL, as it is given or as all requests of the API have it.
func (j *judged) whereTheAPIIs() (string, error) {
	if j.Base != "" {
		return strings.TrimRight(j.Base, "/"), nil
	}
	var bases []string
	for i := range j.Exchanges {
		if base := j.baseOf(&j.Exchanges[i]); base != "" && !slices.Contains(bases, base) {
			bases = append(bases, base)
		}
	}
	if len(bases) > 1 {
		return "", &report.UsageError{Message: "the API may stand at several places here; say with --url which: " +
			strings.Join(bases[:min(len(bases), mostBases)], ", ")}
	}
	return strings.Join(bases, ""), nil
}

// mostBases is the number of places that a message names.
const mostBases = 5

// baseOf returns the URL before the path of an operation, or "".
func (j *judged) baseOf(e *Exchange) string {
	address, err := url.Parse(e.URL)
	if err != nil || address.Host == "" {
		return ""
	}
	path := address.EscapedPath()
	for at := range len(path) {
		if path[at] == '/' && j.operationAt(e.Method, path[at:]) != nil {
			return address.Scheme + "://" + address.Host + path[:at]
		}
	}
	return ""
}

// operationAt returns the operation of a method and a path below the base, or nil. A path without a parameter wins.
func (j *judged) operationAt(method, path string) (found *credmock.Operation) {
	for _, operation := range j.Spec.Operations {
		if operation.Public || operation.Method != method {
			continue
		}
		_, matches := pathtemplate.Match(operation.Path, path)
		if matches && (found == nil || pathtemplate.Parameters(operation.Path) < pathtemplate.Parameters(found.Path)) {
			found = operation
		}
	}
	return found
}

// gatewayStatuses are the answers of what stands between client and implementation (docs/contract.md#no-answer-of-an-implementation).
var gatewayStatuses = []int{http.StatusProxyAuthRequired, http.StatusTooManyRequests, http.StatusBadGateway,
	http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusNetworkAuthenticationRequired}

// sort finds the exchanges of the API, and searches every answer for the secrets that went up until then.
func (j *judged) sort() {
	for i := range j.Exchanges {
		e := &j.Exchanges[i]
		path, inside := j.below(e.URL)
		if !inside {
			j.foreign++
			continue
		}
		j.learn(e)
		operation := j.operationAt(e.Method, path)
		switch {
		case e.Status == 0:
			j.silent++
			continue
		case slices.Contains(gatewayStatuses, e.Status):
			j.gateway++
			continue
		case operation == nil:
			j.foreign++
			continue
		}
		j.add(&one{Exchange: e, operation: operation, path: path})
	}
}

// below returns the path of a URL below the base.
func (j *judged) below(text string) (path string, inside bool) {
	address, err := url.Parse(text)
	if err != nil || j.base == "" {
		return "", false
	}
	whole := address.Scheme + "://" + address.Host + address.EscapedPath()
	path, inside = strings.CutPrefix(whole, j.base)
	return path, inside && strings.HasPrefix(path, "/")
}

func (j *judged) add(e *one) {
	if e.Missing == "" && isTooMuch(e.ResponseBody) {
		e.Missing = "its body is larger or nested deeper than any of this API"
	}
	if e.Missing != "" {
		j.missing++
	} else if len(e.ResponseBody) > 0 {
		e.value, e.notJSON = jsonvalue.Decode(e.ResponseBody)
	}
	e.afterToken, e.afterSecret = j.looking[tokenLabel], len(j.looking) > 1 || len(j.looking) == 1 && !j.looking[tokenLabel]
	e.leaks = j.search(e)
	j.list = append(j.list, e)
}

// bodyLimit is far more than any body of this API has.
const bodyLimit = 8 << 20

// isTooMuch tells whether a body is larger, or nested deeper, than any of this API.
func isTooMuch(body []byte) bool { return len(body) > bodyLimit || jsonbound.TooDeep(body) }

// notes say what of the recording was not judged.
func (j *judged) notes() []string {
	var notes []string
	say := func(number int, one, many string) {
		if number == 1 {
			notes = append(notes, "1 "+one)
		} else if number > 1 {
			notes = append(notes, fmt.Sprintf("%d %s", number, many))
		}
	}
	say(j.foreign, "request was not one of the API, and was not judged", "requests were not of the API, and were not judged")
	say(j.silent, "request got no answer", "requests got no answer")
	say(j.gateway, "answer was that of a gateway, and was not judged", "answers were those of a gateway, and were not judged")
	say(j.missing, "answer was recorded without a body that can be judged",
		"answers were recorded without a body that can be judged")
	say(j.plain, "secret is too plain to be told from other text, and was not looked for",
		"secrets are too plain to be told from other text, and were not looked for")
	return notes
}

// where names an exchange and a place in its answer.
func (e *one) where(place string) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %d %s (entry %d)", e.Method, e.operation.Path, e.Status, place, e.Number))
}

// succeeded tells whether the answer is a success.
func (e *one) succeeded() bool { return e.Status >= 200 && e.Status < 300 }

// hasBody tells whether there is a body to judge. An answer to HEAD and one from a cache have none.
func (e *one) hasBody() bool { return e.Missing == "" && e.Status != http.StatusNotModified }

// short returns a text of the recording as a finding shows it.
func short(text string) string { return foreign.Text(text).Short() }
