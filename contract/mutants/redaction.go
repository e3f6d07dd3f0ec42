package mutants

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"unicode"

	"github.com/credmock/credmock"
)

// place puts the written form of a secret into a success. credential is the object of the credential.
type place func(e *exchange, credential map[string]any, name, text string)

// shows returns a fault that shows the secrets of a credential.
func shows(names string, written form, at place) fault {
	return shown(names, "", written, at)
}

// shown returns a fault that shows the secrets of credentials of one strategy, or of all if it is empty.
func shown(names, strategy string, written form, at place) fault {
	return shownOf(names, written, at, func(e *exchange, id string) map[string]string {
		if strategy != "" && e.shown(id)["authStrategy"] != strategy {
			return nil
		}
		return e.secrets(id)
	})
}

func shownOf(names string, written form, at place, secrets func(e *exchange, id string) map[string]string) fault {
	return afterSuccess(names, func(e *exchange) {
		if e.is("list") {
			for _, item := range e.items() {
				id, _ := item["id"].(string)
				put(e, item, secrets(e, id), written, at)
			}
			return
		}
		put(e, e.payload(), secrets(e, e.credentialID()), written, at)
	})
}

func put(e *exchange, credential map[string]any, secrets map[string]string, written form, at place) {
	for name, secret := range secrets {
		if secret != "" && credential != nil {
			at(e, credential, name, written(secret))
		}
	}
}

func underOwnKey(_ *exchange, credential map[string]any, name, text string) { credential[name] = text }

func underOther(_ *exchange, credential map[string]any, name, text string) {
	credential["stored"+strings.ToUpper(name[:1])+name[1:]] = text
}

func asMemberName(_ *exchange, credential map[string]any, _, text string) { credential[text] = true }

func nested(_ *exchange, credential map[string]any, name, text string) {
	credential["details"] = map[string]any{"history": []any{map[string]any{"field": name, "value": text}}}
}

func inArray(_ *exchange, credential map[string]any, _, text string) {
	credential["notes"] = []any{"first", []any{text}}
}

func inName(_ *exchange, credential map[string]any, _, text string) {
	credential["description"] = fmt.Sprintf("%v %s", credential["name"], text)
}

func inMeta(e *exchange, _ map[string]any, _, text string) {
	if meta, isObject := e.answer["meta"].(map[string]any); isObject {
		meta["trace"] = text
	}
}

func beside(e *exchange, _ map[string]any, _, text string) { e.answer["debug"] = text }

func inMessage(_ *exchange, payload map[string]any, _, text string) {
	payload["message"] = "Deleted the credential with " + text
}

func inHeader(e *exchange, _ map[string]any, _, text string) {
	e.header.Set("X-Debug", strings.NewReplacer("\r", "", "\n", "").Replace(text))
}

func inLocation(e *exchange, _ map[string]any, _, text string) {
	e.header.Set("Location", "/platform/v1/authcredentials?key="+text)
}

func inCookie(e *exchange, _ map[string]any, _, text string) {
	e.header.Add("Set-Cookie", "last="+text+"; Path=/")
}

func inTrailer(e *exchange, _ map[string]any, _, text string) {
	e.trailer = map[string]string{"X-Checksum": text}
}

// compressed shows the secret in a compressed body that the client did not ask for.
func compressed(e *exchange, credential map[string]any, name, text string) {
	underOther(e, credential, name, text)
	e.header.Set("Content-Encoding", "gzip")
	e.finish = zip
}

// escapedRaw writes the secret with JSON escapes in the bytes of the body.
func escapedRaw(e *exchange, credential map[string]any, name, text string) {
	underOther(e, credential, name, text)
	e.finish = func(body []byte) []byte {
		quoted, err := json.Marshal(text)
		if err != nil {
			return body
		}
		return bytes.ReplaceAll(body, quoted, []byte(`"`+jsonEscapes(text)+`"`))
	}
}

func zip(text []byte) []byte {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write(text) // a buffer accepts everything
	_ = writer.Close()
	return packed.Bytes()
}

// ownKey shows a member with the name of a secret.
func ownKey(names, secret string, value any) fault {
	return inCredentials(names, func(e *exchange, credential map[string]any) {
		id, _ := credential["id"].(string)
		strategy := credmock.Default().Strategy(fmt.Sprint(e.shown(id)["authStrategy"]))
		if strategy != nil && strategy.Create.Property(secret) != nil {
			credential[secret] = value
		}
	})
}

// showsFormer shows the secrets before their replacement.
func showsFormer(names string) fault {
	return shownOf(names, raw, underOther, func(e *exchange, id string) map[string]string { return e.formerSecrets(id) })
}

// showsOthers shows the secrets of the credential created before.
func showsOthers(names string) fault {
	return shownOf(names, raw, underOther, func(e *exchange, id string) map[string]string { return e.othersSecrets(id) })
}

// showsWhen shows secrets of some kind only.
func showsWhen(names string, when func(secret string) bool) fault {
	return shownOf(names, raw, underOther, func(e *exchange, id string) map[string]string {
		secrets := e.secrets(id)
		maps.DeleteFunc(secrets, func(_, secret string) bool { return !when(secret) })
		return secrets
	})
}

// showsNewest shows the secrets of the newest credential in answers about none.
func showsNewest(names string) fault {
	return after(names, func(e *exchange) {
		for name, secret := range e.newestSecrets() {
			if e.answer != nil && secret != "" {
				e.answer["last"+name] = secret
			}
		}
	})
}

// Kinds of secrets that a careless server may show.
func hasQuotes(secret string) bool { return strings.ContainsAny(secret, `"'\\`) }

func hasBlankEnds(secret string) bool {
	return strings.TrimSpace(secret) != secret && strings.TrimSpace(secret) != ""
}

func isLong(secret string) bool { return len(secret) > 255 }

func beyondASCII(secret string) bool {
	return strings.IndexFunc(secret, func(letter rune) bool { return letter > unicode.MaxASCII }) >= 0
}

var redactionFaults = []Mutant{
	broken("redaction/destination/credential", "A destination shows the secrets of credentials.", "redaction/elsewhere",
		showsNewest("destination-get destination-update destination-verify")),
	broken("redaction/get/quoted-alone", "get shows secrets that hold quotes or backslashes.", "redaction/awkward/quotes",
		showsWhen("get", hasQuotes)),
	broken("redaction/create/blank-ends-alone", "create shows secrets with blanks at their ends.", "redaction/awkward/blanks",
		showsWhen("create", hasBlankEnds)),
	broken("redaction/get/long-alone", "get shows secrets of more than 255 bytes.", "redaction/awkward/long", showsWhen("get", isLong)),
	broken("redaction/update/unicode-alone", "update shows secrets with letters beyond ASCII.", "redaction/awkward/unicode",
		showsWhen("update", beyondASCII)),
	broken("redaction/create/echo", "The answer of create shows the secrets that were sent.", "redaction/create/echo",
		shows("create", raw, underOwnKey)),
	broken("redaction/get/echo", "The answer of get shows the stored secrets.", "redaction/get/echo", shows("get", raw, underOwnKey)),
	broken("redaction/list/echo", "A list item shows the stored secrets.", "redaction/list/echo", shows("list", raw, underOwnKey)),
	broken("redaction/update/echo", "The answer of update shows the secrets.", "redaction/update/echo", shows("update", raw, underOwnKey)),
	broken("redaction/delete/echo", "The answer of delete shows the secrets that are gone with it.", "redaction/delete/echo",
		shows("delete", raw, underOther)),
	broken("redaction/delete/message", "The message of delete names the secret.", "redaction/delete/echo", shows("delete", raw, inMessage)),
	broken("redaction/create/other-name", "The answer of create shows the secrets under other names.", "redaction/create/echo",
		shows("create", raw, underOther)),
	broken("redaction/get/member-name", "A member of the answer of get is called like the secret's value.", "redaction/get/echo",
		shows("get", raw, asMemberName)),
	broken("redaction/get/nested", "A nested history in the answer of get holds the secret.", "redaction/get/echo", shows("get", raw, nested)),
	broken("redaction/update/array", "An array in the answer of update holds the secret.", "redaction/update/echo",
		shows("update", raw, inArray)),
	broken("redaction/get/description", "A description in the answer of get ends in the secret.", "redaction/get/echo",
		shows("get", raw, inName)),
	broken("redaction/list/nested", "A list item has the secret in a nested object.", "redaction/list/echo", shows("list", raw, nested)),
	broken("redaction/create/meta", "meta of the answer of create holds the secret.", "redaction/create/echo", shows("create", raw, inMeta)),
	broken("redaction/get/top-level", "A member beside the payload holds the secret.", "redaction/get/echo", shows("get", raw, beside)),
	broken("redaction/create/header", "A header of the answer of create holds the secret.", "redaction/create/echo",
		shows("create", raw, inHeader)),
	broken("redaction/update/cookie", "A cookie that update sets holds the secret.", "redaction/update/echo", shows("update", raw, inCookie)),
	broken("redaction/get/trailer", "A trailer of the answer of get holds the secret.", "redaction/get/echo", shows("get", raw, inTrailer)),
	broken("redaction/create/location", "The Location of a new credential holds the secret.", "redaction/create/echo",
		shows("create", percent, inLocation)),
	broken("redaction/get/compressed", "A compressed answer of get holds the secret.", "redaction/get/echo", shows("get", raw, compressed)),
	broken("redaction/list/compressed", "A compressed list holds the secrets.", "redaction/list/echo", shows("list", raw, compressed)),
	broken("redaction/get/escaped-bytes", "The bytes of the answer of get hold the secret with every character escaped.",
		"redaction/get/echo", shows("get", raw, escapedRaw)),
	broken("redaction/update/former", "The answer of update shows the secret that it replaced.", "redaction/update/echo",
		showsFormer("update")),
	broken("redaction/get/former", "get shows the secret that was replaced.", "redaction/get/echo", showsFormer("get")),
	broken("redaction/list/former", "A list item shows the secret that was replaced.", "redaction/rotated", showsFormer("list")),
	broken("redaction/delete/former", "delete shows the secret that was replaced before.", "redaction/rotated/AwsSigv4",
		showsFormer("delete")),
	broken("redaction/get/others", "get shows the secrets of another credential.", "redaction/get/echo", showsOthers("get")),
	broken("redaction/list/others", "A list item shows the secrets of another credential.", "redaction/list/echo", showsOthers("list")),
	broken("redaction/get/aws-alone", "get shows the secrets of AwsSigv4 alone.", "redaction/get/echo/AwsSigv4",
		shown("get", "AwsSigv4", raw, underOwnKey)),
	broken("redaction/create/smart-alone", "create shows the secrets of SMART_Backend alone.", "redaction/create/echo/SMART_Backend",
		shown("create", "SMART_Backend", raw, underOther)),
	broken("redaction/delete/aws-alone", "delete shows the secrets of AwsSigv4 alone.", "redaction/delete/echo/AwsSigv4",
		shown("delete", "AwsSigv4", raw, underOther)),
	broken("redaction/update/aws-first-four", "update shows the first four characters of a secret of AwsSigv4.",
		"redaction/update/echo/AwsSigv4", shown("update", "AwsSigv4", firstFour, underOther)),
	broken("redaction/create/key-null", "The secret's own key stands in the answer of create, with null.",
		"redaction/create/key/clientSecret", ownKey("create", "clientSecret", nil)),
	broken("redaction/get/key-null", "The secret's own key stands in the answer of get, with null.", "redaction/get/key/password",
		ownKey("get", "password", nil)),
	broken("redaction/get/key-empty", "The secret's own key stands in the answer of get, with an empty string.",
		"redaction/get/key/clientSecret", ownKey("get", "clientSecret", "")),
	broken("redaction/update/key-masked", "The secret's own key stands in the answer of update, masked.",
		"redaction/update/key/clientSecret", ownKey("update", "clientSecret", "********")),
	broken("redaction/list/key-masked", "The secret's own key stands in a list item, masked.", "redaction/list/key/password",
		ownKey("list", "password", "[redacted]")),
	broken("redaction/get/key-false", "The secret's own key stands in the answer of get, as a boolean.", "redaction/get/key/secretKey",
		ownKey("get", "secretKey", true)),
	broken("redaction/create/key-length", "The secret's own key stands in the answer of create, with its length.",
		"redaction/create/key/sessionToken", ownKey("create", "sessionToken", 31)),
	broken("redaction/list/key-null", "The secret's own key stands in a list item, with null.", "redaction/list/key/secretKey",
		ownKey("list", "secretKey", nil)),
	broken("redaction/strategies/newest", "The list of strategies shows the secrets of the newest credential.", "redaction/elsewhere",
		showsNewest("strategies")),
	broken("redaction/environments/newest", "The list of environments shows the secrets of the newest credential.", "redaction/elsewhere",
		showsNewest("environment-list")),
	broken("redaction/destination/token", "A destination shows its verification token.", "redaction/destination",
		showsVerificationToken("destination-create destination-update")),
	broken("redaction/destination/token-list", "The list of destinations shows their verification tokens in base64.",
		"redaction/destination", listsVerificationTokens()),
}

// redactionForms write a secret in many forms, each in one place.
var redactionForms = []Mutant{
	formOf("base64", "base64", "create", base64Of), formOf("base64-url", "unpadded base64 of URLs", "get", base64URL),
	formOf("base64-around", "base64 of the JSON around it", "update", base64Around),
	formOf("basic-header", "the header that it makes", "get", basicHeader),
	formOf("base64-twice", "base64 of base64", "create", func(s string) string { return base64Of(base64Of(s)) }),
	formOf("hex", "hex", "get", hexOf), formOf("percent", "percent-encoding", "get", percent),
	formOf("percent-twice", "percent-encoding, twice", "update", percentTwice),
	formOf("json-escapes", "escapes of JSON", "create", jsonEscapes),
	formOf("html-escapes", "escapes of HTML", "get", htmlEscapes), formOf("md5", "an MD5 digest", "get", md5Hex),
	formOf("sha256", "a SHA-256 digest", "create", sha256Hex),
	formOf("sha256-upper", "a SHA-256 digest in upper case", "update", func(s string) string { return strings.ToUpper(sha256Hex(s)) }),
	formOf("reversed", "reversed", "get", reversed), formOf("upper", "upper case", "create", strings.ToUpper),
	formOf("lower", "lower case", "list", strings.ToLower),
	formOf("first-four", "its first four characters", "get", firstFour), formOf("last-four", "its last four characters", "create", lastFour),
	formOf("masked", "masked but for the last four characters", "update", maskedButFour),
	formOf("middle", "six characters of its middle", "list", middle),
	formOf("sentence", "a sentence", "update", inSentence), formOf("url", "a URL", "list", inURL),
	traceOf("sha1", "a SHA-1 digest", "get", sha1Hex), traceOf("sha512", "a SHA-512 digest", "create", sha512Hex),
	traceOf("sha256-base64", "a SHA-256 digest in base64", "update", sha256Base64), traceOf("base32", "base32", "list", base32Of),
	traceOf("utf16", "UTF-16", "get", utf16Of),
}

func formOf(name, written, action string, form form) Mutant {
	return broken("redaction/"+action+"/as-"+name, "The answer of "+action+" shows the secret as "+written+".", "redaction/"+action+"/echo",
		shows(action, form, underOther))
}

func traceOf(name, written, action string, form form) Mutant {
	return careless("redaction/"+action+"/as-"+name, "The answer of "+action+" shows the secret as "+written+".",
		"redaction/"+action+"/trace", shows(action, form, underOther))
}

// showsVerificationToken keeps and shows the token of each destination.
func showsVerificationToken(names string) fault {
	return afterSuccess(names, func(e *exchange) {
		destination := e.member("destination")
		id, _ := destination["id"].(string)
		token := e.noteFirst(e.body["verificationToken"], "verification token", id)
		if destination != nil && token != nil {
			destination["verificationToken"] = token
		}
	})
}

func listsVerificationTokens() fault {
	return afterSuccess("destination-create destination-list", func(e *exchange) {
		if e.is("destination-create") {
			id, _ := e.member("destination")["id"].(string)
			e.note(e.body["verificationToken"], "verification token", id)
			return
		}
		for _, item := range e.items() {
			id, _ := item["id"].(string)
			if token, isText := e.noted("verification token", id).(string); isText {
				item["seal"] = base64Of(token)
			}
		}
	})
}
