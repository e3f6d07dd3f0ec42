package mutants

import (
	"cmp"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/credmock/credmock/internal/lazy"
)

// hidesBySound hides members that only sound like secrets, as a filter by name does.
func hidesBySound(names, word string) fault {
	return inCredentials(names, func(_ *exchange, credential map[string]any) {
		for name := range credential {
			if strings.Contains(strings.ToLower(name), word) && !strings.HasPrefix(name, "has") {
				delete(credential, name)
			}
		}
	})
}

// stores changes a text field before it is stored.
func stores(names, member string, change func(string) string) fault {
	return inBodies(names, func(_ *exchange, body map[string]any) {
		if text, isText := body[member].(string); isText {
			body[member] = change(text)
		}
	})
}

// forgetsField accepts a field and does not store it.
func forgetsField(names, member string) fault {
	return inBodies(names, func(_ *exchange, body map[string]any) { delete(body, member) })
}

// text adapts functions from text to text.
func text(change func(string) string) func(string) any {
	return func(value string) any { return change(value) }
}

var (
	tags     = lazy.Regexp(`<[^>]*>`)
	blanks   = lazy.Regexp(`[ ]{2,}`)
	digits   = lazy.Regexp(`^[0-9]+(\.[0-9]+)?$`)
	accented = strings.NewReplacer("e\u0301", "é")
)

func hasTags(value string) bool { return tags().MatchString(value) }

func asciiOnly(value string) string {
	return strings.Map(func(letter rune) rune {
		if letter > unicode.MaxASCII {
			return '?'
		}
		return letter
	}, value)
}

// threeBytes drops characters that a database of three-byte characters cannot hold.
func threeBytes(value string) string {
	return strings.Map(func(letter rune) rune {
		if letter > 0xffff {
			return -1
		}
		return letter
	}, value)
}

func cutAt(length int) func(string) string {
	return func(value string) string { return value[:min(length, len(value))] }
}

// shortNumber removes needless zeros from a number.
func shortNumber(value string) string {
	if digits().MatchString(value) {
		return fmt.Sprint(toNumber(value))
	}
	return value
}

// nullWord returns the value that a word means, such as null.
func nullWord(value string) any {
	if value == "null" {
		return nil
	}
	return value
}

// refusesTexts refuses some free texts.
func refusesTexts(when func(string) bool) fault {
	return refuseWhen("create update", 400, func(e *exchange) bool {
		for _, name := range freeTexts {
			if value, isText := e.body[name].(string); isText && when(value) {
				return true
			}
		}
		return false
	})
}

// invents shows a value that was never stored.
func invents(names, strategy, member string, value any) fault {
	return inCredentials(names, func(e *exchange, credential map[string]any) {
		if credential[member] == nil && e.strategy() == strategy {
			credential[member] = value
		}
	})
}

var fieldFaults = []Mutant{
	broken("fields/create/list-joined", "A list of delegates is stored as one text.", "fields/create/delegates/list/GoogleWIF",
		joinedLists("delegates")),
	broken("fields/get/hides-secret-names", "get hides what has secret in its name.", "fields/get/clientSecretName",
		hidesBySound("get", "secret")),
	broken("fields/create/hides-tokens", "create hides what has token in its name.", "fields/create/accessTokenName",
		hidesBySound("create", "token")),
	broken("fields/update/hides-tokens", "update hides what has token in its name.", "fields/update/refreshTokenName",
		hidesBySound("update", "token")),
	broken("fields/get/hides-keys", "get hides what has key in its name.", "fields/get/accessKey/AwsSigv4", hidesBySound("get", "key")),
	broken("fields/create/hides-client", "create hides what has client in its name.", "fields/create/clientId",
		hidesBySound("create", "client")),
	broken("fields/get/masks-custom", "get masks customFieldValue.", "fields/get/customFieldValue", set("get", "customFieldValue", "****")),
	broken("fields/get/masks-username", "get masks username.", "fields/get/username", set("get", "username", "***")),
	broken("fields/get/hides-token-url", "get hides token_url of GoogleWIF.", "fields/get/token_url/GoogleWIF", hidesBySound("get", "token")),
	broken("fields/create/loses-audience", "create does not store audience.", "fields/get/audience", forgetsField("create", "audience")),
	broken("fields/update/loses-scopes", "update does not store scopes.", "fields/update/scopes", forgetsField("update", "scopes")),
	broken("fields/get/loses-resource", "get does not answer resource.", "fields/get/resource", drop("get", "resource")),
	broken("fields/create/loses-basic-no-form", "create does not store basicNoForm.", "fields/create/basicNoForm",
		forgetsField("create", "basicNoForm")),
	broken("fields/get/loses-google-scope", "get does not answer scope of GoogleWIF.", "fields/get/scope/GoogleWIF", drop("get", "scope")),
	broken("fields/create/loses-options", "create does not store options of GoogleWIF.", "fields/create/options/GoogleWIF",
		forgetsField("create", "options")),
	broken("fields/update/loses-region", "update does not store awsRegion.", "fields/update/awsRegion/AwsSigv4",
		forgetsField("update", "awsRegion")),
	broken("fields/create/region-upper", "create stores awsRegion in upper case.", "fields/get/awsRegion/AwsSigv4",
		stores("create", "awsRegion", strings.ToUpper)),
	broken("fields/create/swapped", "create stores username and clientId in each other's place.", "fields/create/username",
		inBodies("create", func(_ *exchange, body map[string]any) {
			if body["username"] != nil && body["clientId"] != nil {
				body["username"], body["clientId"] = body["clientId"], body["username"]
			}
		})),
	broken("fields/create/url-slash", "create stores url with a slash at its end.", "fields/create/url",
		stores("create", "url", func(text string) string { return text + "/" })),
	broken("fields/update/content-type", "update stores contentType with a charset.", "fields/update/contentType",
		stores("update", "contentType", func(text string) string { return text + "; charset=utf-8" })),
	broken("fields/create/name-upper", "create stores name in upper case.", "fields/create/name", stores("create", "name", strings.ToUpper)),
	broken("fields/update/name-kept", "update does not store name.", "fields/update/name", forgetsField("update", "name")),
	broken("fields/list/name-cut", "list cuts name.", "fields/list/name",
		convert("list", "name", func(value any) any { return cutAt(16)(fmt.Sprint(value)) })),
	broken("fields/get/name-escaped", "get answers name with percent-escapes.", "fields/get/name",
		convert("get", "name", func(value any) any { return url.QueryEscape(fmt.Sprint(value)) })),
	broken("fields/get/organization-other", "get answers another organization.", "fields/get/organization", set("get", "organization", 1)),
	broken("fields/list/organization-zero", "list answers organization 0.", "fields/list/organization", set("list", "organization", 0)),
	broken("fields/get/environment-name", "get answers the environment's name for its id.", "fields/get/environmentId",
		set("get", "environmentId", "Development")),
	broken("fields/list/environment-other", "list answers another environment.", "fields/list/environmentId",
		set("list", "environmentId", "00000000-0000-4000-8000-000000000000")),
	broken("fields/get/strategy-label", "get answers a label for the strategy.", "fields/get/authStrategy",
		set("get", "authStrategy", "OAuth 2.0")),
	broken("fields/list/strategy-lower", "list answers the strategy in lower case.", "fields/list/authStrategy",
		convert("list", "authStrategy", func(value any) any { return strings.ToLower(fmt.Sprint(value)) })),
	broken("fields/create/smart-as-oauth", "A credential of SMART_Backend is shown as one of OAuth.", "fields/create/authStrategy",
		convert("create", "authStrategy", func(value any) any {
			if value == smart {
				return oauth
			}
			return value
		})),
	careless("fields/invented/content-type", "A content type is invented where none was sent.", "fields/invented",
		invents("create get update", oauth, "contentType", "application/x-www-form-urlencoded")),
	careless("fields/invented/google-lifetime", "A lifetime is invented where none was sent.", "fields/invented/GoogleWIF",
		invents("create get update", google, "lifetime", "3600s")),
	careless("fields/invented/basic", "noBasic is invented where none was sent.", "fields/invented",
		invents("create get update", oauth, "noBasic", "false")),
}

// awkwardFaults change or refuse unusual values.
var awkwardFaults = []Mutant{
	broken("fields/awkward/trimmed", "Blanks at the ends of a text are cut off.", "fields/awkward/blanks",
		convertTexts("create update", text(strings.TrimSpace))),
	broken("fields/awkward/squeezed", "Blanks in a row become one.", "fields/awkward/blanks",
		convertTexts("create update", text(func(value string) string { return blanks().ReplaceAllString(value, " ") }))),
	broken("fields/awkward/normalised", "Texts are normalised to composed letters.", "fields/awkward/unicode",
		convertTexts("create update", text(accented.Replace))),
	broken("fields/awkward/ascii", "Letters beyond ASCII become question marks.", "fields/awkward/unicode",
		convertTexts("create update", text(asciiOnly))),
	broken("fields/awkward/three-bytes", "Emoji are dropped.", "fields/awkward/unicode", convertTexts("create update", text(threeBytes))),
	broken("fields/awkward/lower", "Texts are stored in lower case.", "fields/awkward/unicode",
		convertTexts("create update", text(strings.ToLower))),
	broken("fields/awkward/cut-255", "Texts are cut at 255 bytes.", "fields/awkward/long", convertTexts("create update", text(cutAt(255)))),
	broken("fields/awkward/cut-1024", "Texts are cut at 1,024 bytes.", "fields/awkward/long",
		convertTexts("create update", text(cutAt(1024)))),
	broken("fields/awkward/escaped", "Texts are stored with escapes of HTML.", "fields/awkward/markup",
		convertTexts("create update", text(html.EscapeString))),
	broken("fields/awkward/unescaped", "Escapes of HTML in texts are undone.", "fields/awkward/markup",
		convertTexts("create update", text(html.UnescapeString))),
	broken("fields/awkward/tags", "Tags are taken out of texts.", "fields/awkward/markup",
		convertTexts("create update", text(func(value string) string { return tags().ReplaceAllString(value, "") }))),
	broken("fields/awkward/decoded", "Percent-escapes in texts are undone.", "fields/awkward/markup",
		convertTexts("create update", text(func(value string) string {
			return strings.ReplaceAll(value, "%41", "A")
		}))),
	broken("fields/awkward/plus", "A plus in a text becomes a blank.", "fields/awkward/markup",
		convertTexts("create update", text(func(value string) string { return strings.ReplaceAll(value, "+", " ") }))),
	broken("fields/awkward/quotes-dropped", "Quotes are taken out of texts.", "fields/awkward/quotes",
		convertTexts("create update", text(func(value string) string { return strings.ReplaceAll(value, `"`, "") }))),
	broken("fields/awkward/backslashes", "Backslashes in texts are doubled.", "fields/awkward/quotes",
		convertTexts("create update", text(func(value string) string { return strings.ReplaceAll(value, `\`, `\\`) }))),
	broken("fields/awkward/line-ends", "Line ends in texts become one character.", "fields/awkward/control",
		convertTexts("create update", text(func(value string) string { return strings.ReplaceAll(value, "\r\n", "\n") }))),
	broken("fields/awkward/tabs", "Tabs in texts become blanks.", "fields/awkward/control",
		convertTexts("create update", text(func(value string) string { return strings.ReplaceAll(value, "\t", "    ") }))),
	broken("fields/awkward/short-number", "A number in a text loses the zeros that it does not need.", "fields/awkward/digits",
		convertTexts("create update", text(shortNumber))),
	broken("fields/awkward/number", "A number in a text is answered as a number.", "fields/awkward/digits",
		inCredentials("create get", func(_ *exchange, credential map[string]any) {
			for _, name := range freeTexts {
				if value, isText := credential[name].(string); isText && digits().MatchString(value) {
					credential[name] = toNumber(value)
				}
			}
		})),
	broken("fields/awkward/null-word", `The text "null" is taken for null.`, "fields/awkward/words", convertTexts("create update", nullWord)),
	broken("fields/tempting/host", "create stores URLs with their host in lower case.", "fields/tempting/create",
		storesURLs("create", func(u *url.URL) { u.Host = strings.ToLower(u.Host) })),
	broken("fields/tempting/port", "update drops the default port of URLs.", "fields/tempting/update",
		storesURLs("update", func(u *url.URL) { u.Host = strings.TrimSuffix(u.Host, ":443") })),
	broken("fields/tempting/fragment", "create drops the fragment of URLs.", "fields/tempting/create",
		storesURLs("create", func(u *url.URL) { u.Fragment = "" })),
	broken("fields/tempting/query", "update sorts the query of URLs.", "fields/tempting/update",
		storesURLs("update", func(u *url.URL) { u.RawQuery = u.Query().Encode() })),
	broken("fields/tempting/path", "create cleans the path of URLs.", "fields/tempting/create",
		storesURLs("create", func(u *url.URL) { *u = *u.JoinPath() })),
	broken("fields/tempting/slash", "update gives a URL without a path one.", "fields/tempting/update",
		storesURLs("update", func(u *url.URL) {
			if u.Path == "" {
				u.Path = "/"
			}
		})),
	broken("fields/tempting/seconds", "create stores defaultExpirationSeconds without leading zeros.", "fields/tempting/create",
		stores("create", "defaultExpirationSeconds", func(value string) string { return strings.TrimLeft(value, "0") })),
	broken("fields/tempting/truth", "update stores noBasic in lower case.", "fields/tempting/update",
		stores("update", "noBasic", strings.ToLower)),
	broken("fields/tempting/scopes-sorted", "create sorts scopes.", "fields/tempting/create",
		stores("create", "scopes", func(value string) string {
			words := strings.Split(value, " ")
			slices.Sort(words)
			return strings.Join(words, " ")
		})),
	broken("fields/tempting/scopes-commas", "update stores commas in scopes as blanks.", "fields/tempting/update",
		stores("update", "scopes", func(value string) string { return strings.ReplaceAll(value, ",", " ") })),
	broken("fields/tempting/media", "create stores contentType in lower case.", "fields/tempting/create",
		stores("create", "contentType", strings.ToLower)),
	broken("fields/tempting/region", "update of AwsSigv4 trims serviceName.", "fields/tempting/update/AwsSigv4",
		stores("update", "serviceName", strings.TrimSpace)),
	broken("fields/tempting/region-created", "create of AwsSigv4 trims serviceName.", "fields/tempting/create/AwsSigv4",
		stores("create", "serviceName", strings.TrimSpace)),
	broken("fields/tempting/lifetime", "create and update store lifetime without a fraction.", "fields/tempting/update/GoogleWIF",
		stores("create update", "lifetime", func(value string) string {
			return strings.Replace(strings.TrimLeft(value, "0"), ".0s", "s", 1)
		})),
	broken("fields/tempting/dates", "update stores dates as times.", "fields/tempting/update",
		convertTexts("update", text(func(value string) string {
			if value == "2026-01-15" {
				return value + "T00:00:00Z"
			}
			return value
		}))),
	broken("fields/tempting/templates", "update fills in templates.", "fields/tempting/update",
		convertTexts("update", text(func(value string) string { return strings.ReplaceAll(value, "{{name}}", "") }))),
	broken("fields/tempting/no-break", "update stores no-break spaces as blanks.", "fields/tempting/update",
		convertTexts("update", text(func(value string) string { return strings.ReplaceAll(value, "\u00a0", " ") }))),
	broken("fields/tempting/name-trimmed", "create cuts blanks at the end of name.", "fields/tempting/create",
		stores("create", "name", func(value string) string { return strings.TrimRight(value, " \t") })),
	broken("fields/tempting/name-composed", "update composes the letters of name.", "fields/tempting/update",
		stores("update", "name", accented.Replace)),
	broken("fields/tempting/name-listed", "The list shows names without blanks at their ends.", "fields/tempting/name",
		convert("list", "name", func(value any) any { return strings.TrimSpace(fmt.Sprint(value)) })),
	broken("fields/empty/default", "create stores an empty audience as the url.", "fields/empty",
		inBodies("create", func(_ *exchange, body map[string]any) {
			if body["audience"] == "" {
				body["audience"] = body["url"]
			}
		})),
	broken("fields/empty/blank", "update stores an empty text as a blank.", "fields/empty",
		convertTexts("update", text(func(value string) string { return cmp.Or(value, " ") }))),
	broken("fields/empty/word", "update of GoogleWIF stores empty options as an empty object.", "fields/empty/GoogleWIF",
		stores("update", "options", func(value string) string { return cmp.Or(value, "{}") })),
	broken("fields/lists/unwrapped", "A list of one scope comes back as text.", "fields/lists/GoogleWIF", changesLists("scope",
		func(list []any) any {
			if len(list) == 1 {
				return list[0]
			}
			return list
		})),
	broken("fields/lists/sorted", "Delegates come back in order.", "fields/lists/GoogleWIF", changesLists("delegates", func(list []any) any {
		return slices.SortedFunc(slices.Values(list), func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	})),
	broken("fields/lists/unique", "Equal delegates come back once.", "fields/lists/GoogleWIF", changesLists("delegates", func(list []any) any {
		return slices.Compact(slices.SortedFunc(slices.Values(list), func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }))
	})),
	broken("fields/lists/merged", "A shorter list replaces only the items that it has.", "fields/lists/GoogleWIF",
		inBodies("update", func(e *exchange, body map[string]any) {
			list, isList := body["scope"].([]any)
			if old, wasList := e.shown(e.id)["scope"].([]any); isList && wasList && len(old) > len(list) {
				body["scope"] = slices.Concat(list, old[len(list):])
			}
		})),
	careless("fields/awkward/long-refused", "Texts of more than 255 bytes are refused.", "fields/awkward/long/taken",
		refusesTexts(func(value string) bool { return len(value) > 255 })),
	careless("fields/awkward/unicode-refused", "Letters beyond ASCII are refused.", "fields/awkward/unicode/taken",
		refusesTexts(func(value string) bool { return asciiOnly(value) != value })),
	careless("fields/awkward/quotes-refused", "Quotes are refused.", "fields/awkward/quotes/taken",
		refusesTexts(func(value string) bool { return strings.Contains(value, `"`) })),
	careless("fields/awkward/markup-refused", "Markup is refused.", "fields/awkward/markup/taken", refusesTexts(hasTags)),
	careless("fields/awkward/blanks-refused", "Blanks at the ends of a text are refused.", "fields/awkward/blanks/taken",
		refusesTexts(func(value string) bool { return strings.TrimSpace(value) != value })),
	careless("fields/awkward/control-refused", "Line ends are refused.", "fields/awkward/control/taken",
		refusesTexts(func(value string) bool { return strings.Contains(value, "\n") })),
}

// storesURLs changes every URL before it is stored, if it then means the same to a reader of URLs.
func storesURLs(names string, change func(*url.URL)) fault {
	return inBodies(names, func(_ *exchange, body map[string]any) {
		for name, value := range body {
			address, isText := value.(string)
			if parsed, err := url.Parse(address); isText && err == nil && parsed.Host != "" {
				if change(parsed); parsed.String() != "" {
					body[name] = parsed.String()
				}
			}
		}
	})
}

// changesLists changes lists before they are stored.
func changesLists(member string, change func([]any) any) fault {
	return changesListsOf("create update", member, change)
}

func changesListsOf(names, member string, change func([]any) any) fault {
	return inBodies(names, func(_ *exchange, body map[string]any) {
		if list, isList := body[member].([]any); isList {
			body[member] = change(list)
		}
	})
}

// joinedLists stores a list of strings as one string.
func joinedLists(member string) fault {
	return inBodies("create update", func(_ *exchange, body map[string]any) {
		if list, isList := body[member].([]any); isList {
			var parts []string
			for _, item := range list {
				parts = append(parts, fmt.Sprint(item))
			}
			body[member] = strings.Join(parts, " ")
		}
	})
}
