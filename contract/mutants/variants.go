package mutants

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/credmock/credmock"
)

// random returns random bytes in hex.
func random(length int) string {
	bytes := make([]byte, length)
	_, _ = rand.Read(bytes) // it never fails
	return hex.EncodeToString(bytes)
}

func randomBase64(length int) string {
	bytes := make([]byte, length)
	_, _ = rand.Read(bytes) // it never fails
	return base64.StdEncoding.EncodeToString(bytes)
}

// soundServers are sound servers that differ in behavior.
var soundServers = []Mutant{
	soundly("limit", "limited-once", "Each path asks once to come back at once: a limit with Retry-After is no refusal.", limitsOnce()),
	soundly("line", "broken-line", "Some lists break off, each time after another byte: a broken line is no answer.", brokenLine()),
	soundly("list time", "late-list", "A new credential is in lists after 40 ms: eventual consistency is not judged.", lateList()...),
	soundly("list time", "late-deletion", "A deleted credential is in lists for 40 ms: eventual consistency is not judged.",
		lateDeletion()...),
	soundly("neighbours", "no-destinations", "There is no destinations endpoint: it is a neighbour.",
		notThere("destination-list destination-create destination-get destination-update destination-delete destination-verify")),
	soundly("neighbours", "no-environments", "There is no environments endpoint: it is a neighbour.", notThere("environment-list")),
	soundly("neighbours", "no-neighbours", "There are neither environments nor destinations: they are neighbours.",
		notThere("environment-list destination-list destination-create destination-get destination-update destination-delete "+
			"destination-verify")),
	soundly("neighbours", "one-environment", "The organization has one environment: no number is promised.",
		afterSuccess("environment-list", func(e *exchange) {
			items := e.items()
			e.setItems(items[:min(1, len(items))])
		})),
	soundly("strategies", "oauth-alone", "Only the OAuth strategy is listed: the others are optional in the list.",
		inStrategies(func(_ *exchange, strategies map[string]any) {
			for name := range strategies {
				if name != oauth {
					delete(strategies, name)
				}
			}
		})),
	soundly("strategies", "more-strategies", "More strategies are listed than are taken: those may be refused.",
		inStrategies(func(_ *exchange, strategies map[string]any) {
			strategies["ApiKey"] = map[string]any{"availableFields": []any{"apiKey", "headerName"}}
			strategies["Mutual_TLS"] = map[string]any{"availableFields": []any{}}
		})),
	soundly("strategies", "smart-six", "SMART_Backend takes its first six fields alone, and lists so: only those could be read.",
		smartSix()...),
	soundly("bodies", "validating", "URLs, media types and numbers in strings are looked at: nothing says that any text is one.", validates()),
	soundly("names", "unique-names", "A name can be used once in an environment: duplicate names are not judged.", uniqueNames()),
	soundly("names", "unique-folded", "A name can be used once in an environment, in any case and with any blanks.",
		refuseWhen("create update", http.StatusConflict, func(e *exchange) bool {
			return namesake(e, func(name string) string { return strings.ToLower(strings.TrimSpace(name)) }) != ""
		})),
	soundly("destination values", "plain-destinations", "A destination takes plain names and addresses alone: not every text is one.",
		refuseWhen("destination-create destination-update", http.StatusUnprocessableEntity, func(e *exchange) bool {
			name, _ := e.body["name"].(string)
			endpoint, isText := e.body["endpoint"].(string)
			address, err := url.Parse(endpoint)
			return name != strings.TrimSpace(name) || strings.ContainsAny(name, "\r\n\t<>{}") ||
				isText && (err != nil || address.Host == "" || address.Fragment != "" || address.Host != strings.ToLower(address.Host))
		})),
	soundly("environments", "second-read-only", "The engineer may only read in every environment but the first one.",
		afterSuccess("create", func(e *exchange) { e.noteFirst(e.payload()["environmentId"], "environment") }),
		refuseWhen("create", http.StatusForbidden, func(e *exchange) bool {
			first, asked := e.noted("environment"), e.body["environmentId"]
			id, isText := asked.(string)
			return isText && first != nil && asked != first && byEngineer(e) && e.askFor("list", id, nil).success()
		})),
	soundly("list times", "list-seconds", "The list shows times in whole seconds: both are RFC 3339.",
		inCredentials("list", func(_ *exchange, credential map[string]any) {
			for _, name := range []string{"createdAt", "updatedAt"} {
				at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(credential[name]))
				if err == nil {
					credential[name] = at.Truncate(time.Second).Format(time.RFC3339)
				}
			}
		})),
	soundly("destination names", "unique-destinations", "The name of a destination can be used once.",
		afterSuccess("destination-create", func(e *exchange) { e.note(e.member("destination")["id"], "named", nameIn(e.body)) }),
		refuseWhen("destination-create", http.StatusConflict, func(e *exchange) bool {
			id, isText := e.noted("named", nameIn(e.body)).(string)
			return isText && e.askFor("destination-get", id, nil).success()
		})),
	soundly("read-only", "ignores-read-only", "What only the server owns is ignored in bodies: both are fine.", ignoresReadOnly()),
	soundly("read-only", "refuses-read-only", "What only the server owns is refused in create: both are fine.",
		refusesMember("create", "id", "createdAt", "updatedAt", "hasClientSecret", "hasPassword", "hasSecretKey", "hasSessionToken")),
	soundly("unknown", "ignores-unknown", "Unknown members are ignored: both are fine.", ignoresUnknown()),
	soundly("null", "refuses-null", "null is refused on create: both are fine.", refusesNulls()),
	soundly("empty", "refuses-empty", "The empty string as a secret is refused, and no flag may say that it is stored.",
		refuseWhen("create update", http.StatusBadRequest, func(e *exchange) bool {
			for _, name := range credmock.Default().Secrets() {
				if e.body[name] == "" {
					return true
				}
			}
			return false
		})),
	soundly("empty text", "empty-absent", "An empty text counts as absent.", inBodies("create update", func(_ *exchange, body map[string]any) {
		for name, value := range body {
			if value == "" && credmock.Default().Strategy(oauth).Create.Property(name) != nil &&
				!slices.Contains(credmock.Default().Secrets(), name) {
				delete(body, name)
			}
		}
	})),
	soundly("tempting", "refuses-odd-urls", "URLs with a fragment or without a path are refused: nothing says that any text is one.",
		refuseWhen("create update", http.StatusBadRequest, func(e *exchange) bool {
			address, isText := e.body["url"].(string)
			parsed, err := url.Parse(address)
			return isText && err == nil && (parsed.Fragment != "" || parsed.Path == "")
		})),
	soundly("tempting", "plain-texts", "Texts with control characters, marks of direction or scripts are refused: not every text is a name.",
		refusesTexts(func(value string) bool {
			return strings.ContainsFunc(value, func(letter rune) bool { return unicode.IsControl(letter) || unicode.Is(unicode.Cf, letter) }) ||
				strings.Contains(value, "<script") || strings.Contains(value, "../")
		})),
	soundly("lists", "plain-lists", "Lists of more than ten items, or with an item twice in any case, are refused.",
		refuseWhen("create update", http.StatusBadRequest, func(e *exchange) bool {
			return isOddList(e.body["delegates"]) || isOddList(e.body["scope"])
		})),
	soundly("lists", "text-alone", "Fields that may be a text or a list take a text alone.",
		refuseWhen("create update", http.StatusBadRequest,
			func(e *exchange) bool { return isList(e.body["delegates"]) || isList(e.body["scope"]) })),
	soundly("list length", "foreigners", "The environment holds 300 credentials of others: order and number are no one's promise.",
		foreigners(300)),
	// If ids are reused in one server, a second delete would hit a new credential of another client.
	soundly("ids", "busy", "Other clients create and delete meanwhile: nobody is promised to be alone.", busy()...),
	accepting("partial-update", soundly("partial", "partial-update", "An update without grantType and url is fine.",
		forgets("", "grantType"), forgets("", "url"))),
}

// soundAnswers are sound servers with other contents in answers.
var soundAnswers = []Mutant{
	soundly("errors", "problem", "Errors are problem documents: no error body is documented.", inAllErrors(problem)),
	soundly("errors", "error-text", "Errors are plain text: no error body is documented.", inAllErrors(func(e *exchange) {
		e.replyText(e.status, "text/plain", http.StatusText(e.status)+"\n")
	})),
	soundly("errors", "error-html", "Errors are pages of HTML: no error body is documented.", inAllErrors(func(e *exchange) {
		e.replyText(e.status, "text/html",
			"<html><head><title>"+http.StatusText(e.status)+"</title></head><body><hr><i>server "+random(6)+"</i></body></html>")
	})),
	soundly("errors", "error-empty", "Errors have no body: no error body is documented.",
		inAllErrors(func(e *exchange) { e.replyText(e.status, "text/plain", "") })),
	soundly("errors", "error-fields", "Errors are keyed by the names of fields, those of secrets too: a name is no secret.",
		inAllErrors(modelState)),
	soundly("errors", "error-lengths", "Errors tell how long a secret was: a length alone is nothing.", inAllErrors(withLengths)),
	soundly("invalid", "unprocessable", "Faulty bodies are refused with 422.", every(func(e *exchange) {
		if e.status == http.StatusBadRequest {
			e.status = http.StatusUnprocessableEntity
		}
	})),
	soundly("unknown id", "forbidden", "What is unknown is refused with 403.", every(func(e *exchange) {
		if e.status == http.StatusNotFound {
			e.status = http.StatusForbidden
		}
	})),
	soundly("created", "created-ok", "create answers 200.", otherStatus("create destination-create", http.StatusCreated, http.StatusOK)),
	soundly("list order", "list-order", "Lists stand in another order: order never matters.",
		listed(func(_ *exchange, items []map[string]any) []map[string]any {
			for i, j := 0, len(items)-1; i < j; i, j = i+1, j-1 {
				items[i], items[j] = items[j], items[i]
			}
			return items
		})),
	soundly("members", "more-members", "Unknown members stand everywhere, and differ from answer to answer.", every(func(e *exchange) {
		if meta, isObject := e.answer["meta"].(map[string]any); isObject {
			meta["requestId"], meta["elapsed"] = random(16), 0.25
		}
		if e.answer != nil {
			e.answer["links"] = []any{map[string]any{"rel": "self", "href": e.request.URL.Path}}
		}
		if payload := e.payload(); payload != nil {
			payload["_links"], payload["viewedAt"] = map[string]any{"self": random(12)}, time.Now().Format(time.RFC3339Nano)
		}
		for _, item := range e.items() {
			item["_etag"], item["owner"] = randomBase64(18), map[string]any{"id": random(16)}
		}
	})),
	soundly("unset", "unset-null", "Unset fields are null.", showsUnset()),
	soundly("flags", "other-flags", "The flags of other strategies stand there too, false: unknown members are allowed.",
		inCredentials(credentialActions, func(_ *exchange, credential map[string]any) {
			for _, name := range credmock.Default().Secrets() {
				if _, there := credential[credmock.FlagName(name)]; !there {
					credential[credmock.FlagName(name)] = false
				}
			}
		})),
	soundly("lengths", "secret-lengths", "The length of a secret is shown under a name of its own: a length alone is nothing.",
		shows(credentialActions, func(secret string) string { return fmt.Sprint(len(secret)) },
			func(_ *exchange, credential map[string]any, name, text string) {
				credential[name+"Length"] = text
			})),
	soundly("secret names", "secret-names", "An answer names the secrets that it changed: a name is no secret.",
		afterSuccess("create update", func(e *exchange) {
			names := []any{}
			for _, name := range credmock.Default().Secrets() {
				if _, sent := e.body[name]; sent && e.payload() != nil {
					names = append(names, name)
				}
			}
			e.answer["changed"] = names
		})),
	soundly("times", "nanoseconds", "Times have nanoseconds and an offset.", times("create get update list", func(at time.Time) string {
		return at.In(time.FixedZone("", 2*60*60)).Add(123 * time.Nanosecond).Format(time.RFC3339Nano)
	})...),
	soundly("times", "seconds", "Times have whole seconds.", times("create get update list", func(at time.Time) string {
		return at.UTC().Format(time.RFC3339)
	})...),
	soundly("times", "finer-when-written", "Answers to writes have the nanoseconds of the clock, and reads the digits that are stored.",
		times("create update", func(at time.Time) string { return at.Add(456789 * time.Nanosecond).Format(time.RFC3339Nano) })...),
	soundly("times", "rounded-when-read", "Reads have times that are rounded to a hundredth of a second.",
		times("get list", func(at time.Time) string {
			return at.Round(10 * time.Millisecond).Format("2006-01-02T15:04:05.00Z07:00")
		})...),
	soundly("strategy", "no-strategy", "Single credentials do not name their strategy.", drop(credentialActions, "authStrategy")),
	soundly("version", "version-short", "meta.version is major.minor.", fault{after: func(e *exchange) {
		if meta, isObject := e.answer["meta"].(map[string]any); isObject {
			meta["version"] = "1.4"
		}
	}}),
	soundly("delete", "delete-more", "The answer of delete says more than a message.", afterSuccess("delete", func(e *exchange) {
		e.payload()["id"], e.payload()["deletedAt"] = e.id, time.Now().Format(time.RFC3339)
	})),
	soundly("location", "location-whole", "The Location of a new credential is a whole URL; it is not judged.",
		afterSuccess("create", func(e *exchange) {
			e.header.Set("Location", "https://api.example.com"+e.request.URL.Path+"/"+e.credentialID())
		})),
}

// saysType returns a sound variant with another spelling of the media type.
func saysType(name, rule, mediaType string) Mutant {
	return soundly("media type", name, rule, every(func(e *exchange) {
		if e.answer != nil {
			e.header.Set("Content-Type", mediaType)
		}
	}))
}

// soundForms are sound servers with the same answers in another form. They come last, so that no combined variant reads what they
// write.
var soundForms = []Mutant{
	accepting("delete-ok", soundly("delete", "delete-ok", `delete answers "OK".`, finished("delete", justOK))),
	accepting("meta-string", soundly("delete", "meta-string", "meta of delete is the bare version.", withMember("delete", "meta", "1.0.0"))),
	accepting("wrapped-payload", soundly("payload", "wrapped-payload", "A single credential stands in payload.credential.",
		wrapped("create get update", "credential"))),
	soundly("media type", "charset", "The media type names a charset.", every(func(e *exchange) {
		if e.answer != nil {
			e.header.Set("Content-Type", "application/json; charset=UTF-8")
		}
	})),
	saysType("type-upper", "The media type is in upper case.", "APPLICATION/JSON"),
	saysType("type-quoted", "The media type names a charset in quotes.", `application/json; charset="utf-8"`),
	saysType("type-blanks", "The media type has blanks around its semicolon, and a parameter of its own.",
		"Application/Json ; v=1 ; q=\"a;b\""),
	saysType("type-suffix", "The media type is one of the +json family, with a parameter.", "application/vnd.Example+JSON;version=1.0"),
	soundly("connection", "close", "Every answer closes the connection: nothing is said of connections.",
		every(func(e *exchange) { e.header.Set("Connection", "close") })),
	soundly("headers", "more-headers", "Headers hold random ids, digests and cookies; the envelope is about the body alone.",
		every(func(e *exchange) {
			e.header.Set("X-Request-Id", random(16))
			e.header.Set("Etag", `"`+random(32)+`"`)
			e.header.Set("Digest", "SHA-256="+randomBase64(32))
			e.header.Add("Set-Cookie", "session="+randomBase64(48)+"; HttpOnly")
			e.header.Set("Server", "another/2.1")
		})),
	soundly("headers", "header-case", "The names of headers are in lower case: their case never matters.", every(func(e *exchange) {
		for name, values := range e.header.Clone() {
			delete(e.header, name)
			e.header[strings.ToLower(name)] = values
		}
	})),
	soundly("bytes", "key-order", "Members stand in another order: order never matters.", every(func(e *exchange) {
		if answer := e.answer; answer != nil {
			e.finish = func([]byte) []byte { return backwards(answer) }
		}
	})),
	soundly("bytes", "indented", "JSON is written for people, with a line end behind it.", every(func(e *exchange) { e.finish = indented })),
	soundly("bytes", "ascii", "Characters beyond ASCII are escaped.", every(func(e *exchange) { e.finish = asciiJSON })),
	soundly("bytes", "html-escapes", "What means something to HTML is escaped as JSON may.", every(func(e *exchange) { e.finish = htmlJSON })),
	soundly("bytes", "number-forms", "The organization is written with a fraction: it is the same number.", every(func(e *exchange) {
		e.finish = func(text []byte) []byte {
			return []byte(strings.ReplaceAll(string(text), `"organization":118`, `"organization":118.0`))
		}
	})),
	serverOf("transfer", "compressed", "Answers are compressed where the client takes it; the envelope is about the body alone.", packed),
	serverOf("transfer", "chunked", "Answers come in pieces; the envelope is about the body alone.", inPieces),
	serverOf("gateway", "gateway-limit", "A gateway refuses long bodies with a page, whoever calls.", limitsBodies),
	serverOf("gateway", "gateway-hangs-up", "A gateway ends the connection when a long body begins, whoever calls: an answer may be lost.",
		hangsUpOnBodies),
	serverOf("speed", "slow", "Answers take a few milliseconds: no time is promised.", slow),
}

// locks answers a write with a conflict while another one of the same thing is under way.
func locks() []fault {
	const locked = "update delete destination-update destination-delete"
	return []fault{
		before(locked, func(e *exchange) {
			if byEngineer(e) && e.count(1, "under way", e.id) > 1 {
				e.refuse(http.StatusConflict)
			}
		}),
		after(locked, func(e *exchange) {
			if byEngineer(e) {
				e.count(-1, "under way", e.id)
			}
		}),
	}
}

func byEngineer(e *exchange) bool { return e.request.Header.Get("Authorization") == e.engineer() }

// oneAtATime answers one request after another.
func oneAtATime(sound http.Handler) http.Handler {
	var mutex sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		sound.ServeHTTP(w, r)
	})
}

// soundOrder are sound servers that order requests, lists or names in another way.
var soundOrder = []Mutant{
	soundly("locks", "locks", "A write is answered with 409 while another one of the same thing is under way: it says so.", locks()...),
	serverOf("order", "one-at-a-time", "One request is answered after another: no order is promised.", oneAtATime),
	soundly("names", "names-once", "A name is never given again, not even after a deletion: names are not judged.",
		before("create update", func(e *exchange) {
			name, isText := e.body["name"].(string)
			owner := e.noted("owner of", name)
			if isText && owner != nil && owner != e.id {
				e.refuse(http.StatusConflict)
			}
		}), afterSuccess("create update", func(e *exchange) {
			if name, isText := e.body["name"].(string); isText {
				e.note(e.credentialID(), "owner of", name)
			}
		})),
	soundly("deletion", "slow-deletion", "A deletion takes its time: no answer time is promised.",
		before("delete", pause)),
	soundly("list order", "newest-first", "Lists begin with the newest: order is not promised.",
		afterSuccess("list destination-list environment-list", func(e *exchange) {
			items := e.items()
			slices.Reverse(items)
			e.setItems(items)
		})),
	soundly("destination members", "destination-seen", "A destination shows when it was last seen: unknown members are allowed.",
		afterSuccess("destination-create destination-get destination-update destination-list", func(e *exchange) {
			for _, item := range append(e.items(), e.member("destination")) {
				if item != nil {
					item["lastSeenAt"], item["revision"] = time.Now().Format(time.RFC3339Nano), random(8)
				}
			}
		})),
	soundly("verifying", "verify-in-vain", "No destination can be verified, for nothing is behind it.",
		after("destination-verify", func(e *exchange) {
			if e.success() {
				e.refuse(http.StatusUnprocessableEntity)
			}
		})),
	soundly("attaching", "deleted-when-unused", "Attaching a deleted credential answers 422: any refusal will do.",
		after("destination-update", func(e *exchange) {
			if e.refused() && e.body[link] != nil && e.request.Header.Get("Authorization") == e.engineer() {
				e.refuse(http.StatusUnprocessableEntity)
			}
		})),
}

// brokenLine breaks off every seventh list, and lacks another number of bytes each time.
func brokenLine() fault {
	var lists atomic.Int64
	return after("list", func(e *exchange) {
		if number := lists.Add(1); number%7 == 0 {
			e.excess = int(number)
		}
	})
}
