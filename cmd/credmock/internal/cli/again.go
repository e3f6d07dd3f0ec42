package cli

import (
	"strings"

	"github.com/credmock/credmock/internal/foreign"
)

// Again returns the flags of credmock that take the same way again, as words of a shell.
func (p *Path) Again() []string { return p.flags("--ca", "--client-cert", "--client-key") }

// Curl returns the flags of curl that take the same way.
func (p *Path) Curl() []string { return p.flags("--cacert", "--cert", "--key") }

// flags returns the flags with the names that a program has for an authority, a certificate and a key. The others have the same
// names in credmock and in curl. A proxy with a password is a variable of the shell.
func (p *Path) flags(authority, certificate, key string) []string {
	var words []string
	for _, one := range []struct{ name, value string }{
		{authority, p.authority}, {certificate, p.certificate}, {key, p.key}, {"--proxy", p.proxy},
	} {
		switch {
		case one.value == "":
		case one.name == "--proxy" && strings.Contains(one.value, "@"):
			words = append(words, one.name, `"$PROXY"`)
		default:
			words = append(words, one.name, foreign.Text(one.value).ShellWord())
		}
	}
	if p.insecure {
		words = append(words, "--insecure")
	}
	return words
}
