package oauth

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/credmock/credmock/mockserver/internal/model"
)

// The number from which an expiry is a time and not a duration (thirty years), and the number from which that time is in
// milliseconds: no time in seconds is as large before the year 33658.
const (
	secondsFrom      = 1e9
	millisecondsFrom = 1e12
)

// longestLife is the maximum life of a token in seconds: a hundred years.
const longestLife = 100 * 366 * 24 * 60 * 60

func isLife(seconds float64) bool { return math.Abs(seconds) < longestLife } // false for NaN

// takeLife reads the life of the token from the answer, or else from the credential.
func (a *tokenAnswer) takeLife(credential *model.Settings, described *tokenRequest, members map[string]any, now time.Time) {
	name := credential.TextOr(roleExpiresName, usualExpires)
	life := lookup(members, name)
	if described.isDisclosedBy(life) {
		a.note("The answer's text about the life of the token is like a secret that was sent, so it is not shown.")
		return
	}
	if seconds, found := lifeOf(life, now); found {
		a.shown["expiresInSeconds"], a.shown["expiresFrom"] = seconds, name
		return
	}
	if life != nil && life != "" {
		a.note("The member " + name + " is there and cannot be read as a time: " + lifeForms)
	}
	if seconds, err := strconv.ParseFloat(credential.Text(roleLife), 64); err == nil && isLife(seconds) {
		a.shown["expiresInSeconds"], a.shown["expiresFrom"] = seconds, credential.Name(roleLife)
		return
	}
	a.note("Nothing says how long the token lives: neither the answer nor " + credential.Name(roleLife) + ".")
}

const lifeForms = "it must be seconds, a time in seconds or milliseconds since 1970, or a date with a time zone as RFC 3339 or HTTP " +
	"writes it."

// lifeOf parses an expiry: a number of seconds, or a time as a Unix time in seconds or milliseconds, in RFC 3339, or as an HTTP
// date. A number may be a text.
func lifeOf(value any, now time.Time) (seconds float64, found bool) {
	number, isNumber := value.(float64)
	if text, isText := value.(string); isText {
		text = strings.TrimSpace(text)
		if moment, isMoment := momentOf(text); isMoment {
			seconds = math.Round(float64(moment.UnixMilli()-now.UnixMilli()) / 1000)
			return seconds, isLife(seconds)
		}
		parsed, err := strconv.ParseFloat(text, 64)
		number, isNumber = parsed, err == nil
	}
	switch {
	case !isNumber:
		return 0, false
	case number >= millisecondsFrom:
		number = math.Round((number - float64(now.UnixMilli())) / 1000)
	case number >= secondsFrom:
		number = math.Round(number - float64(now.Unix()))
	}
	return number, isLife(number)
}

// momentOf parses a time with a zone: RFC 3339 or its usual variations (a blank for the T, a zone without a colon), or an HTTP
// date.
func momentOf(text string) (time.Time, bool) {
	upper := strings.ToUpper(text) // RFC 3339 also allows small letters
	for _, layout := range []string{
		time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00",
		"2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z0700", "2006-01-02 15:04:05 Z0700", "2006-01-02T15:04:05Z07",
		"2006-01-02 15:04:05Z07", "2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05 GMT",
	} {
		if moment, err := time.Parse(layout, upper); err == nil {
			return moment, true
		}
	}
	if moment, err := time.Parse(time.RFC1123Z, text); err == nil {
		return moment, true
	}
	moment, err := http.ParseTime(text)
	return moment, err == nil
}
