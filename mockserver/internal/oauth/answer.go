package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/credmock/credmock/internal/jsonbound"
	"github.com/credmock/credmock/internal/leak"
	"github.com/credmock/credmock/internal/strictjson"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/serve"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// answerLimit is the maximum number of bytes read from a token endpoint.
const answerLimit = 64 << 10

// tokenAnswer is the answer of a token endpoint as a credential reads it.
type tokenAnswer struct {
	shown   map[string]any // description without the token
	refresh string         // refresh token; empty if none
}

// readTokenAnswer reads an answer by the names in the credential. The description holds only the status, the names found and
// the life of the token, since any other part of the answer may be the token or a secret of the request.
func readTokenAnswer(credential *store.Record, described *tokenRequest, response *http.Response, now time.Time) tokenAnswer {
	shown := map[string]any{"status": float64(response.StatusCode)}
	read := tokenAnswer{shown: shown}
	text, err := io.ReadAll(io.LimitReader(response.Body, answerLimit+1))
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		shown["fault"] = "The answer does not end in time."
	case err != nil:
		shown["fault"] = "The answer broke off."
	case len(text) > answerLimit:
		shown["fault"] = "The answer is too large to be that of a token endpoint."
	case response.StatusCode >= http.StatusMultipleChoices && response.StatusCode < http.StatusBadRequest:
		shown["fault"] = "The endpoint redirects, and a token request is not carried elsewhere."
	case bytes.HasPrefix(text, []byte(strictjson.Mark)):
		shown["fault"] = "The answer begins with a byte order mark, an invisible character that JSON must not have."
	case jsonbound.TooDeep(text):
		shown["fault"] = "The answer is nested deeper than that of any token endpoint."
	}
	if shown["fault"] != nil {
		return read
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")) // an invalid type is treated as none
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil || members == nil {
		shown["fault"] = "The answer is no JSON object."
		return read
	}
	if kind != serve.MediaTypeJSON && !strings.HasSuffix(kind, "+json") {
		shown["note"] = "The answer is JSON, and its Content-Type does not say so."
	}
	read.take(credential, described, members, response.StatusCode, now)
	return read
}

// take reads the token and its life from the members of an answer.
func (a *tokenAnswer) take(credential *store.Record, described *tokenRequest, members map[string]any, status int, now time.Time) {
	name := settingOr(credential, fieldAccessName, usualAccess)
	a.shown["accessTokenFrom"] = name
	token, isText := members[name].(string)
	switch {
	case status >= http.StatusBadRequest:
		a.shown["fault"] = "The endpoint refuses."
		if code, isText := members["error"].(string); isText && knownCodes[code] {
			a.shown["error"] = code
		}
		return
	case !isText || token == "":
		a.shown["fault"] = "The answer has no text under the name that " + fieldAccessName + " gives, or that is usual."
		return
	}
	a.shown["accessToken"] = string(censor.MaskText)
	if refresh, isText := members[settingOr(credential, fieldRefreshName, usualRefresh)].(string); isText && refresh != "" {
		a.shown["refreshToken"] = string(censor.MaskText)
		a.refresh = refresh
	}
	name = settingOr(credential, fieldExpiresName, usualExpires)
	life := members[name]
	if described.isDisclosedBy(life) {
		a.shown["note"] = "What the answer says of the time that the token lives is like a secret that was sent, so it is not shown."
	} else if seconds, found := lifeOf(life, now); found {
		a.shown["expiresInSeconds"], a.shown["expiresFrom"] = seconds, name
	} else if seconds, err := strconv.ParseFloat(setting(credential, fieldLife), 64); err == nil && isLife(seconds) {
		a.shown["expiresInSeconds"], a.shown["expiresFrom"] = seconds, fieldLife
	} else {
		a.shown["note"] = "Nothing says how long the token lives: neither the answer nor " + fieldLife + "."
	}
}

// knownCodes are the error codes of OAuth, the only text of an answer that is repeated.
var knownCodes = map[string]bool{
	"invalid_request": true, "invalid_client": true, "invalid_grant": true, "unauthorized_client": true,
	"unsupported_grant_type": true, "invalid_scope": true, "invalid_target": true,
}

// momentFrom is the expiry in seconds (thirty years) from which it is a Unix time and not a duration.
const momentFrom = 1e9

// longestLife is the maximum life of a token in seconds: a hundred years.
const longestLife = 100 * 366 * 24 * 60 * 60

func isLife(seconds float64) bool { return math.Abs(seconds) < longestLife } // false for NaN

// isDisclosedBy reports whether a value of an answer is or contains a secret of the request, in any form.
func (t *tokenRequest) isDisclosedBy(value any) bool {
	text, isText := value.(string)
	if number, isNumber := value.(float64); isNumber {
		text = strconv.FormatFloat(number, 'f', -1, 64)
	} else if !isText {
		return false // values of other types are not shown
	}
	detector := leak.New()
	told, err := strconv.ParseFloat(text, 64)
	for _, secret := range t.secrets() {
		detector.Add(leak.Secret{}, secret)
		number, noNumber := strconv.ParseFloat(secret, 64)
		if text == secret || err == nil && noNumber == nil && number == told {
			return true
		}
	}
	return len(detector.Scan(text)) > 0
}

// secrets returns the secrets in the request.
func (t *tokenRequest) secrets() []string {
	var all []string
	for _, one := range t.parameters {
		if one.secret {
			all = append(all, one.value)
		}
	}
	if t.basic {
		all = append(all, t.secret, t.authorization())
	}
	return slices.DeleteFunc(all, func(one string) bool { return one == "" })
}

// lifeOf parses an expiry: a number of seconds, or a time as Unix seconds or in RFC 3339.
func lifeOf(value any, now time.Time) (seconds float64, found bool) {
	switch value := value.(type) {
	case float64:
		seconds, found = value, true
	case string:
		if moment, err := time.Parse(time.RFC3339, value); err == nil {
			seconds = math.Round(float64(moment.UnixMilli()-now.UnixMilli()) / 1000)
			return seconds, isLife(seconds)
		}
		number, err := strconv.ParseFloat(value, 64)
		seconds, found = number, err == nil
	}
	if found && seconds >= momentFrom {
		seconds = math.Round(seconds - float64(now.Unix()))
	}
	return seconds, found && isLife(seconds)
}
