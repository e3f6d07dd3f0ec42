package mutants

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/credmock/credmock"
)

// serverOf returns a sound variant with a wrapper of its own.
func serverOf(aspect, name, rule string, wrap func(http.Handler) http.Handler) Mutant {
	return Mutant{Name: "sound/" + name, Rule: rule, Sound: true, Level: credmock.Must, Verdict: conforms, aspect: aspect, wrap: wrap}
}

// soundly returns a sound variant with faults that break no rule.
func soundly(aspect, name, rule string, faults ...fault) Mutant {
	m := benign("sound/"+name, rule, faults...)
	m.aspect = aspect
	return m
}

// accepting returns a mutant that needs an accepted alternative.
func accepting(alternative string, m Mutant) Mutant {
	m.Accept = []string{alternative}
	return m
}

// every returns a fault that changes every answer.
func every(change func(*exchange)) fault { return fault{after: change} }

// inAllErrors returns a fault that changes every refusal.
func inAllErrors(change func(*exchange)) fault {
	return fault{after: func(e *exchange) {
		if e.status >= 400 {
			change(e)
		}
	}}
}

const credentialActions = "create get update"

// slow answers after a short pause.
func slow(sound http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(3 * time.Millisecond):
		case <-r.Context().Done():
		}
		sound.ServeHTTP(w, r)
	})
}

// inPieces writes an answer in chunks.
func inPieces(sound http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := record(sound, r)
		maps.Copy(w.Header(), answer.header)
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.status)
		flusher, _ := w.(http.Flusher)
		for piece := range slices.Chunk(answer.body.Bytes(), 64) {
			_, _ = w.Write(piece) // the client has gone
			if flusher != nil {
				flusher.Flush()
			}
		}
	})
}

// packed compresses answers if the client accepts that.
func packed(sound http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := record(sound, r)
		maps.Copy(w.Header(), answer.header)
		text := answer.body.Bytes()
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && len(text) > 0 {
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Del("Content-Length")
			text = zip(text)
		}
		w.WriteHeader(answer.status)
		_, _ = w.Write(text) // the client has gone
	})
}

// limitsOnce answers the first request for each path with 429 and an immediate Retry-After.
func limitsOnce() fault {
	return fault{before: func(e *exchange) {
		if e.count(1, "asked", e.request.Method, e.request.URL.Path) == 1 {
			e.refuse(http.StatusTooManyRequests)
			e.header.Set("Retry-After", "0")
		}
	}}
}

// lateList shows a new credential in lists only after a while.
func lateList() []fault {
	return []fault{
		afterSuccess("create", func(e *exchange) { e.note(time.Now().Add(40*time.Millisecond), "visible", e.credentialID()) }),
		listed(func(e *exchange, items []map[string]any) []map[string]any {
			return slices.DeleteFunc(items, func(item map[string]any) bool {
				at, isTime := e.noted("visible", fmt.Sprint(item["id"])).(time.Time)
				return isTime && time.Now().Before(at)
			})
		}),
	}
}

// lateDeletion shows a deleted credential in lists for a while.
func lateDeletion() []fault {
	return []fault{
		afterSuccess("delete", func(e *exchange) {
			e.note(time.Now().Add(40*time.Millisecond), "hidden")
			e.note(metadataOf(e.shown(e.id)), "going")
		}),
		listed(func(e *exchange, items []map[string]any) []map[string]any {
			at, _ := e.noted("hidden").(time.Time)
			item, isObject := e.noted("going").(map[string]any)
			if isObject && time.Now().Before(at) && item["environmentId"] == e.id {
				items = append(withoutID(items, fmt.Sprint(item["id"])), item)
			}
			return items
		}),
	}
}

// notThere answers as if a resource did not exist.
func notThere(names string) fault {
	return before(names, func(e *exchange) { e.refuse(http.StatusNotFound) })
}

// foreigners adds credentials of others to every list.
func foreigners(number int) fault {
	return listed(func(e *exchange, items []map[string]any) []map[string]any {
		for i := range number {
			items = append(items, map[string]any{
				"organization": 118, "name": fmt.Sprintf("Credential %d of another team", i), "environmentId": e.id,
				"id": fmt.Sprintf("%08x-0000-4000-8000-000000000000", i), "createdAt": "2020-01-01T00:00:00.000Z",
				"updatedAt": "2020-01-01T00:00:00.000Z", "authStrategy": oauth,
			})
		}
		return items
	})
}

// busy adds requests of other clients.
func busy() []fault {
	return []fault{
		afterSuccess("create", func(e *exchange) {
			e.noteFirst(e.body["environmentId"], "environment")
		}),
		afterSuccess("get list update", func(e *exchange) {
			turn := e.count(1, "turn")
			environment := e.noted("environment")
			if turn%20 != 0 || environment == nil {
				return
			}
			made := e.askFor("create", "", map[string]any{
				"name": "Somebody else's " + strconv.Itoa(turn), "environmentId": environment,
				"grantType": grant, "url": anyURL, "clientSecret": "not-a-real-secret-" + strconv.Itoa(turn),
			})
			id, _ := made.payload()["id"].(string)
			if old, isText := e.noted("foreign").(string); isText && turn%40 == 0 {
				e.askFor("delete", old, nil)
			}
			e.note(id, "foreign")
		}),
	}
}

// uniqueNames refuses a second credential with a name in an environment.
func uniqueNames() fault {
	return before("create update", func(e *exchange) {
		name, isText := e.body["name"].(string)
		if !isText {
			return
		}
		for _, id := range e.created() {
			if id != e.id && e.shown(id)["name"] == name && exists(e, id) {
				e.refuse(http.StatusConflict)
			}
		}
	})
}

// firstSmartFields are the fields on the vendor's page for SMART_Backend.
const firstSmartFields = "grantType username password url grantTypeName clientIdName"

// smartSix accepts only the first six fields of SMART_Backend.
func smartSix() []fault {
	return []fault{
		fieldsOf(smart, func([]any) any {
			var fields []any
			for _, name := range strings.Fields(firstSmartFields) {
				fields = append(fields, name)
			}
			return fields
		}),
		refuseWhen("create update", http.StatusBadRequest, func(e *exchange) bool {
			if e.strategy() != smart {
				return false
			}
			return slices.ContainsFunc(credmock.Default().Strategy(smart).Fields, func(field *credmock.Property) bool {
				_, sent := e.body[field.Name]
				return sent && !slices.Contains(strings.Fields(firstSmartFields), field.Name)
			})
		}),
	}
}

// validates checks the meaning of some fields.
func validates() fault {
	return refuseWhen("create update", http.StatusUnprocessableEntity, func(e *exchange) bool {
		for _, name := range []string{"url", "token_url", "service_account_impersonation_url"} {
			text, isText := e.body[name].(string)
			if parsed, err := url.Parse(text); isText && (err != nil || parsed.Scheme != "https" || parsed.Host == "") {
				return true
			}
		}
		media, isText := e.body["contentType"].(string)
		if isText && strings.Count(media, "/") != 1 {
			return true
		}
		seconds, isText := e.body["defaultExpirationSeconds"].(string)
		_, err := strconv.Atoi(seconds)
		return isText && err != nil
	})
}

// ignoresReadOnly drops read-only members from bodies of create.
func ignoresReadOnly() fault {
	return inBodies("create update", func(_ *exchange, body map[string]any) {
		for _, property := range credmock.Default().Strategies[0].Create.Properties {
			if property.ReadOnly {
				delete(body, property.Name)
			}
		}
		maps.DeleteFunc(body, func(name string, _ any) bool { return strings.HasPrefix(name, "has") })
	})
}

// ignoresUnknown drops undescribed members.
func ignoresUnknown() fault {
	return inBodies("create update", func(e *exchange, body map[string]any) {
		strategy := credmock.Default().Strategy(e.strategy())
		if strategy == nil {
			strategy = credmock.Default().Strategy(oauth)
		}
		maps.DeleteFunc(body, func(name string, _ any) bool { return strategy.Create.Property(name) == nil })
	})
}

// refusesNulls refuses null in bodies of create.
func refusesNulls() fault {
	return refuseWhen("create", http.StatusBadRequest, func(e *exchange) bool {
		for _, value := range e.body {
			if value == nil {
				return true
			}
		}
		return false
	})
}

// showsUnset shows null for every unset public field.
func showsUnset() fault {
	return inCredentials(credentialActions, func(e *exchange, credential map[string]any) {
		if strategy := credmock.Default().Strategy(e.strategy()); strategy != nil {
			for _, field := range strategy.Fields {
				if _, there := credential[field.Name]; !there && !field.Secret {
					credential[field.Name] = nil
				}
			}
		}
	})
}

// times writes times in another form.
func times(names string, change func(time.Time) string) []fault {
	other := func(value any) any {
		at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(value))
		if err != nil {
			return value
		}
		return change(at)
	}
	return []fault{convert(names, "createdAt", other), convert(names, "updatedAt", other)}
}

// backwards writes members in reverse order.
func backwards(value any) []byte {
	var text bytes.Buffer
	writeBackwards(&text, value)
	return text.Bytes()
}

func writeBackwards(text *bytes.Buffer, value any) {
	switch value := value.(type) {
	case map[string]any:
		text.WriteByte('{')
		names := slices.Sorted(maps.Keys(value))
		for i, name := range slices.Backward(names) {
			text.Write(encode(name))
			text.WriteByte(':')
			writeBackwards(text, value[name])
			if i > 0 {
				text.WriteByte(',')
			}
		}
		text.WriteByte('}')
	case []any:
		text.WriteByte('[')
		for i, item := range value {
			if i > 0 {
				text.WriteByte(',')
			}
			writeBackwards(text, item)
		}
		text.WriteByte(']')
	default:
		text.Write(encode(value))
	}
}

// indented writes indented JSON with a final line end.
func indented(text []byte) []byte {
	var pretty bytes.Buffer
	if json.Indent(&pretty, text, "", "\t") != nil {
		return text
	}
	return append(pretty.Bytes(), '\n')
}

// asciiJSON escapes every character beyond ASCII.
func asciiJSON(text []byte) []byte {
	var escaped bytes.Buffer
	for len(text) > 0 {
		letter, size := utf8.DecodeRune(text)
		switch {
		case letter < utf8.RuneSelf:
			escaped.WriteByte(text[0])
		case letter > 0xffff:
			letter -= 0x10000
			fmt.Fprintf(&escaped, `\u%04x\u%04x`, 0xd800+letter>>10, 0xdc00+letter&0x3ff)
		default:
			fmt.Fprintf(&escaped, `\u%04x`, letter)
		}
		text = text[size:]
	}
	return escaped.Bytes()
}

// htmlJSON escapes characters with a meaning in HTML, as many encoders do.
func htmlJSON(text []byte) []byte {
	var escaped bytes.Buffer
	json.HTMLEscape(&escaped, text)
	return escaped.Bytes()
}

// problem writes an error body as in RFC 9457.
func problem(e *exchange) {
	e.reply(e.status, map[string]any{
		"type": "https://errors.example.com/refused", "title": http.StatusText(e.status), "status": e.status,
		"detail": "The request was refused.", "instance": "urn:request:" + random(8),
	})
	e.header.Set("Content-Type", "application/problem+json")
}

// modelState writes an error body keyed by field names.
func modelState(e *exchange) {
	faults := map[string]any{}
	for name := range e.body {
		faults[name] = []any{"The field " + name + " may be at fault."}
	}
	e.reply(e.status, map[string]any{"title": "One or more validation errors occurred.", "errors": faults, "traceId": random(16)})
}

// withLengths adds the length of each member, and the value of public ones.
func withLengths(e *exchange) {
	members := map[string]any{}
	secrets := credmock.Default().Secrets()
	for name, value := range e.body {
		if slices.Contains(secrets, name) {
			members[name+"Length"] = len(fmt.Sprint(value))
		} else if name == "name" || name == "grantType" {
			members[name] = value
		}
	}
	e.reply(e.status, map[string]any{"meta": map[string]any{"version": "1.0.0"}, "message": "It was refused.", "sent": members})
}
