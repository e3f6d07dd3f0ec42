// Package reach has the flags for the way to a target through gateways: headers, request rate and waiting, beside those of
// [cli.Path].
package reach

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/internal/finalanswer"
	"github.com/credmock/credmock/internal/foreign"
)

// Flags are the flags, and the headers that come of them.
type Flags struct {
	Header http.Header
	Rate   float64
	Path   *cli.Path

	given []string
	wait  time.Duration
}

// Add adds the flags.
func Add(flags *pflag.FlagSet) *Flags {
	r := &Flags{Path: cli.AddPath(flags)}
	flags.StringArrayVar(&r.given, "header", nil,
		"header to add to every request, for example for a gateway, as `NAME=VALUE`; no output shows the value; may be repeated")
	flags.Float64Var(&r.Rate, "rate", 0, "largest number of requests a second, such as 5 or 0.5; default no limit")
	flags.DurationVar(&r.wait, "wait", 0, "how long to wait for the first answer of the target")
	cli.MarkSecret(flags, "header")
	return r
}

// mostRequests is more requests a second than any target takes.
const mostRequests = 1e6

// Complete reads the headers, and checks the rest.
func (r *Flags) Complete(flags *pflag.FlagSet) error {
	switch {
	case flags.Changed("rate") && (!(r.Rate > 0) || r.Rate > mostRequests || math.IsNaN(r.Rate)):
		return cli.Usage("--rate must be more than nothing and at most a million, such as 5 or 0.5")
	case r.wait < 0 || flags.Changed("wait") && r.wait == 0:
		return cli.Usage("--wait must be more than nothing, such as 30s")
	}
	r.Header = http.Header{}
	for i, text := range r.given {
		name, value, found := strings.Cut(text, "=")
		if reason := refused(name, value, found); reason != "" {
			if found && isToken(name) {
				return cli.Usage("--header: %s %s", http.CanonicalHeaderKey(name), reason)
			}
			return cli.Usage("--header number %d %s", i+1, reason) // it may be nothing but a secret
		}
		r.Header.Add(name, value)
	}
	return nil
}

// owned are the headers that the suite or net/http controls. Headers that begin as in ownedPrefixes are theirs, too.
var (
	owned = []string{"Authorization", "Connection", "Date", "Expect", "Host", "Keep-Alive", "Prefer", "Proxy-Connection", "Range", "Te",
		"Trailer", "Transfer-Encoding", "Upgrade", "User-Agent", "Idempotency-Key", "X-Idempotency-Key", "X-Http-Method-Override",
		"X-Method-Override", "X-Http-Method"}
	ownedPrefixes = []string{"Accept", "Content-", "If-", "Access-Control-"}
)

// refused says why a header cannot be sent; "" if it can. It never repeats a value.
func refused(name, value string, found bool) string {
	canonical := http.CanonicalHeaderKey(name)
	switch {
	case !found:
		return "has no = in it; write it as NAME=VALUE"
	case !isToken(name):
		return "has a name that no header can have; write it as NAME=VALUE"
	case canonical == "Authorization":
		return "comes from the token; give the token with --token, --token-file or --token-command"
	case slices.Contains(owned, canonical) ||
		slices.ContainsFunc(ownedPrefixes, func(prefix string) bool { return strings.HasPrefix(canonical, prefix) }):
		return "is a header that the suite sets itself, and cannot be given"
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		return "has a control character in its value, which no header may have"
	case value != strings.TrimSpace(value):
		return "has a blank at an end of its value, which is not sent; leave it out"
	case value == "":
		return "has no value"
	}
	return ""
}

// isToken tells whether a text can be the name of a header (RFC 9110, section 5.6.2).
func isToken(text string) bool {
	const others = "!#$%&'*+-.^_`|~"
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(others, r)
	})
}

// Notes returns what a report says of the way.
func (r *Flags) Notes() []string {
	var notes []string
	if r.Path.Insecure() {
		notes = append(notes, "the certificate of the target was not checked (--insecure)")
	}
	if names := r.names(); len(names) > 0 {
		notes = append(notes, "each request had further headers (--header): "+strings.Join(names, ", "))
	}
	if r.Rate > 0 {
		notes = append(notes, fmt.Sprintf("requests were spaced out to %g a second at most (--rate)", r.Rate))
	}
	return notes
}

// Again returns the flags of credmock that take the same way again, as words of a shell. The values of headers are variables.
func (r *Flags) Again() []string {
	words := r.Path.Again()
	for _, name := range r.names() {
		words = append(words, "--header", fmt.Sprintf(`%s="$%s"`, foreign.Text(name).ShellWord(), foreign.Text(name).HeaderVariable()))
	}
	if r.Rate > 0 {
		words = append(words, "--rate", fmt.Sprint(r.Rate))
	}
	return words
}

func (r *Flags) names() []string {
	var names []string
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

const (
	// askEvery is the time between two questions.
	askEvery = 100 * time.Millisecond
	// askLimit bounds one question.
	askLimit = 5 * time.Second
)

// Wait waits until the target answers, as long as --wait says. Whatever comes of it, the run goes on: the suite says best what is
// wrong with a target that does not answer.
func (r *Flags) Wait(ctx context.Context, base *url.URL, transport http.RoundTripper, spec *credmock.Spec, progress io.Writer) {
	if r.wait == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, r.wait)
	defer cancel()
	address := base.String() + spec.Operation("credential", "strategies").Path
	client := &http.Client{Transport: cli.WithHeader(transport, r.Header), CheckRedirect: cli.NoRedirect}
	fmt.Fprintf(progress, "waiting for %s, for %s at most\n", foreign.Text(base.String()).Console(), r.wait)
	for !answers(ctx, client, address) {
		select {
		case <-ctx.Done():
			fmt.Fprintf(progress, "it did not answer within %s\n", r.wait)
			return
		case <-time.After(askEvery):
		}
	}
}

// answers tells whether the target answers, and not a gateway in its place.
func answers(ctx context.Context, client *http.Client, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	response, err := finalanswer.Do(client, request)
	if err != nil {
		return false
	}
	_ = response.Body.Close() // nothing of it is needed
	switch response.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return false
	}
	return true
}
