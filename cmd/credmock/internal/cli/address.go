package cli

import (
	"net/url"
	"path"
	"strings"

	"github.com/credmock/credmock/internal/lazy"
)

// ExampleURL is the base at which `credmock serve` listens unless told otherwise.
const ExampleURL = "http://127.0.0.1:4118/platform"

var versionPart = lazy.Regexp(`^v[0-9]+$`)

// ParseBase reads the URL of a target: the part that ends before /v1. Slashes at its end are forgiven. No message
// repeats a URL that may hold a password.
func ParseBase(raw string) (*url.URL, error) {
	base, err := url.Parse(raw)
	if err != nil || base.Host == "" && !strings.Contains(raw, "://") {
		return nil, Usage("--url needs a scheme and a host, such as %s", ExampleURL)
	}
	switch {
	case base.User != nil:
		return nil, Usage("--url must not hold a user or a password; give the bearer token with --token")
	case base.Scheme != "http" && base.Scheme != "https":
		return nil, Usage("--url must begin with http:// or https://, such as %s", ExampleURL)
	case base.Hostname() == "":
		return nil, Usage("--url needs a host, such as %s", ExampleURL)
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, Usage("--url must end with its path, without a query or a fragment, such as %s", ExampleURL)
	}
	base.Path = strings.TrimRight(base.Path, "/")
	base.RawPath = strings.TrimRight(base.RawPath, "/")
	if last := path.Base(base.Path); versionPart().MatchString(last) {
		shorter := *base
		shorter.Path, shorter.RawPath = path.Dir(base.Path), ""
		return nil, Usage("--url must end before /%s: give %s", last, strings.TrimRight(shorter.String(), "/"))
	}
	return base, nil
}
