package traffic

import (
	"net/url"
	"slices"
	"sort"
	"strings"

	"github.com/credmock/credmock/contract/internal/jsonvalue"
	"github.com/credmock/credmock/internal/bearer"
	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/internal/leak"
)

const (
	// tokenLabel is the label of tokens among the secrets.
	tokenLabel = "the bearer token"
	// shortest is the length from which a secret is looked for.
	shortest = 4
)

// masks matches what stands in place of a secret that a recorder has masked.
var masks = lazy.Regexp(`(?i)^[\[<({‹"']*(\*+|•+|x{3,}|masked|redacted|removed|filtered|hidden|secret|omitted)\b.*$`)

// learn notes the secrets of a request.
func (j *judged) learn(e *Exchange) {
	for _, value := range e.RequestHeader.Values("Authorization") {
		if _, token, found := strings.Cut(value, " "); found {
			j.look(tokenLabel, strings.TrimSpace(token), true)
		}
	}
	if isTooMuch(e.RequestBody) {
		return
	}
	value, err := jsonvalue.Decode(e.RequestBody)
	if err != nil {
		return
	}
	names, others := j.Spec.Secrets(), map[string]bool{}
	jsonvalue.Walk(value, func(_ *jsonvalue.Path, inner any) bool {
		object, _ := inner.(map[string]any)
		for name, member := range object {
			if text, isText := member.(string); isText && !slices.Contains(names, name) {
				others[text] = true
			}
		}
		return true
	})
	jsonvalue.Walk(value, func(_ *jsonvalue.Path, inner any) bool {
		object, _ := inner.(map[string]any)
		for name, member := range object {
			if text, isText := member.(string); isText && slices.Contains(names, name) {
				j.look(name, text, !others[text])
			}
		}
		return true
	})
}

// look makes the detector look for a secret that can be told from other text.
func (j *judged) look(label, value string, distinct bool) {
	if len(value) < shortest || masks().MatchString(value) || j.secrets[label+"\x00"+value] {
		return
	}
	j.secrets[label+"\x00"+value] = true
	if !distinct || !bearer.IsDistinct(value) {
		j.plain++
		return
	}
	j.looking[label] = true
	j.detector.Add(leak.Secret{Label: label, Scope: label}, value)
}

// search returns the secrets in an answer.
func (j *judged) search(e *one) []sighting {
	var found []sighting
	note := func(place, text string) {
		for piece := range leak.Pieces(text) {
			for _, seen := range j.detector.Scan(piece) {
				if !slices.ContainsFunc(found, func(other sighting) bool { return other.Secret == seen.Secret && other.place == place }) {
					found = append(found, sighting{seen, place})
				}
			}
		}
	}
	note("body", string(e.ResponseBody))
	names := make([]string, 0, len(e.ResponseHeader))
	for name := range e.ResponseHeader {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		note("header "+short(name), name+": "+strings.Join(e.ResponseHeader[name], ", "))
	}
	for i := range found {
		if found[i].place == "body" && e.value != nil {
			found[i].place = j.pointerTo(e.value, found[i])
		}
	}
	return found
}

// pointerTo returns the JSON pointer of the value with a secret, or "body".
func (j *judged) pointerTo(value any, found sighting) string {
	pointer := "body"
	jsonvalue.Walk(value, func(path *jsonvalue.Path, inner any) bool {
		text, isText := inner.(string)
		if isText && slices.ContainsFunc(j.detector.Scan(text), func(one leak.Sighting) bool { return one.Secret == found.Secret }) {
			pointer = path.Pointer("")
		}
		return pointer == "body"
	})
	if len(j.detector.Scan(pointer)) > 0 {
		return "body"
	}
	return jsonvalue.Shorten(pointer)
}

// withoutSecret returns a base URL for a report.
func withoutSecret(text string) string {
	address, err := url.Parse(text)
	if err != nil || text == "" {
		return "a recording"
	}
	return address.Redacted()
}
