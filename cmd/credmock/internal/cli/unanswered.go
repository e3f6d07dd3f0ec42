package cli

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/credmock/credmock/internal/finalanswer"
	"github.com/credmock/credmock/internal/foreign"
)

// Unanswered returns why a host gave no answer. It knows what net/http does not say: a certificate that is not trusted, and a
// proxy that is not used. The reason is the text of any other error.
func (p *Path) Unanswered(host *url.URL, err error, reason string) string {
	if distrust := finalanswer.Distrust(err); distrust != "" {
		reason = distrust
	}
	if unused := p.UnusedProxy(host); unused != "" {
		reason += "; " + unused
	}
	return reason
}

// briefLimit bounds how much of a text of others a message shows.
const briefLimit = 300

// Brief returns a text of others for a message: printable, on one line, and short.
func Brief(text string) string {
	shown := foreign.Text(strings.TrimSpace(text)).String()
	if len(shown) > briefLimit {
		shown = strings.ToValidUTF8(shown[:briefLimit], "") + "…"
	}
	return shown
}

// Innermost takes off what net/http wraps around an error: the URL stands in the message already.
func Innermost(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// NoRedirect keeps a request from being carried to another place.
func NoRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
