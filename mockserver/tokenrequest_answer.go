package mockserver

import (
	"encoding/json"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// answerLimit is the size in bytes up to which the answer of a token endpoint is read: far more than any has.
const answerLimit = 64 << 10

// tokenAnswer is how a credential reads the answer of its token endpoint.
type tokenAnswer struct {
	shown   map[string]any // for people, without a token
	refresh string         // the refresh token; empty for none
}

// readTokenAnswer reads an answer by the names that the credential gives. Nothing of the answer is shown but its status, the names that
// were found and the time that the token lives: everything else could be the token. What the mock's own authorization server says
// of a difference is shown too.
func readTokenAnswer(credential *record, response *http.Response, now time.Time, own bool) tokenAnswer {
	shown := map[string]any{"status": float64(response.StatusCode)}
	read := tokenAnswer{shown: shown}
	text, err := io.ReadAll(io.LimitReader(response.Body, answerLimit+1))
	switch {
	case err != nil:
		shown["fault"] = "The answer broke off."
	case len(text) > answerLimit:
		shown["fault"] = "The answer is too large to be that of a token endpoint."
	case response.StatusCode >= http.StatusMultipleChoices && response.StatusCode < http.StatusBadRequest:
		shown["fault"] = "The endpoint redirects, and a token request is not carried elsewhere."
	}
	if shown["fault"] != nil {
		return read
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")) // without one nothing is gained by guessing
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil || members == nil {
		shown["fault"] = "The answer is no JSON object."
		return read
	}
	if kind != mediaTypeJSON && !strings.HasSuffix(kind, "+json") {
		shown["note"] = "The answer is JSON, and its Content-Type does not say so."
	}
	read.take(credential, members, response.StatusCode, now)
	if differences := members["differences"]; own && differences != nil {
		shown["differences"] = differences
	}
	return read
}

// take finds the token and its life in the members of an answer.
func (a *tokenAnswer) take(credential *record, members map[string]any, status int, now time.Time) {
	name := credential.settingOr(fieldAccessName, usualAccess)
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
	a.shown["accessToken"] = string(withheldText)
	if refresh, isText := members[credential.settingOr(fieldRefreshName, usualRefresh)].(string); isText && refresh != "" {
		a.shown["refreshToken"] = string(withheldText)
		a.refresh = refresh
	}
	name = credential.settingOr(fieldExpiresName, usualExpires)
	if seconds, found := lifeOf(members[name], now); found {
		a.shown["expiresInSeconds"], a.shown["expiresFrom"] = seconds, name
	} else if seconds, err := strconv.ParseFloat(credential.setting(fieldLife), 64); err == nil {
		a.shown["expiresInSeconds"], a.shown["expiresFrom"] = seconds, fieldLife
	} else {
		a.shown["note"] = "Nothing says how long the token lives: neither the answer nor " + fieldLife + "."
	}
}

// knownCodes are the errors of OAuth; any other text of an answer is not repeated.
var knownCodes = map[string]bool{
	"invalid_request": true, "invalid_client": true, "invalid_grant": true, "unauthorized_client": true,
	"unsupported_grant_type": true, "invalid_scope": true, "invalid_target": true,
}

// momentFrom is the number of seconds from which an expiry is a moment since 1970 and no duration: thirty years.
const momentFrom = 1e9

// lifeOf reads an expiry: seconds as a number or a text, or a moment in seconds since 1970 or in RFC 3339.
func lifeOf(value any, now time.Time) (seconds float64, found bool) {
	switch value := value.(type) {
	case float64:
		seconds, found = value, true
	case string:
		if moment, err := time.Parse(time.RFC3339, value); err == nil {
			return math.Round(moment.Sub(now).Seconds()), true
		}
		number, err := strconv.ParseFloat(value, 64)
		seconds, found = number, err == nil && !math.IsNaN(number) && !math.IsInf(number, 0)
	}
	if found && seconds >= momentFrom {
		seconds = math.Round(seconds - float64(now.Unix()))
	}
	return seconds, found
}
