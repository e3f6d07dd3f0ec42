package main_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// secure returns the URL of a server whose certificate signs itself, and a file with that certificate.
func secure(t *testing.T, certificate *x509.Certificate) (address, authority string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certificate.SerialNumber, certificate.IsCA, certificate.BasicConstraintsValid = big.NewInt(1), true, true
	signed, err := x509.CreateCertificate(rand.Reader, certificate, certificate, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{signed}, PrivateKey: key}}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	authority = filepath.Join(t.TempDir(), "authority.pem")
	write(t, authority, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})))
	return server.URL, authority
}

// Each reason not to trust a server has a message of its own, in every command that calls one.
func TestDistrustSaysWhy(t *testing.T) {
	now, here := time.Now(), []net.IP{net.IPv4(127, 0, 0, 1)}
	script := filepath.Join(t.TempDir(), "one.txtar")
	write(t, script, "request GET /v1/authcredentials/strategies\nstatus 200\n")
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	for name, row := range map[string]struct {
		certificate *x509.Certificate
		trusted     bool
		want        string
	}{
		"unknown authority": {&x509.Certificate{NotAfter: now.Add(time.Hour), IPAddresses: here}, false,
			"from an authority that is not trusted here"},
		"another name": {&x509.Certificate{NotAfter: now.Add(time.Hour), DNSNames: []string{"other.example"}}, true,
			"is for another name than the host of the URL"},
		"a Common Name alone": {&x509.Certificate{NotAfter: now.Add(time.Hour), Subject: pkix.Name{CommonName: "127.0.0.1"}}, true,
			"has no subject alternative name"},
		"expired": {&x509.Certificate{NotAfter: now.Add(-time.Hour), IPAddresses: here}, true, "has expired"},
		"not yet valid": {&x509.Certificate{NotBefore: now.Add(time.Hour), NotAfter: now.Add(2 * time.Hour), IPAddresses: here}, true,
			"is not valid yet"},
		"no TLS": {nil, false, "it speaks HTTP without TLS"},
	} {
		address, authority := strings.Replace(plain.URL, "http:", "https:", 1), ""
		if row.certificate != nil {
			address, authority = secure(t, row.certificate)
		}
		for command, arguments := range map[string][]string{
			"healthcheck": nil, "token": nil, "verify": {"--run", "^envelope/list/version$"}, "run": {script},
		} {
			arguments = append([]string{command, "--url", address + "/platform"}, arguments...)
			if row.trusted {
				arguments = append(arguments, "--ca", authority)
			}
			code, stdout, stderr := run(t, noProxy, arguments...)
			if code == 0 || !strings.Contains(stdout+stderr, row.want) || row.trusted && strings.Contains(stdout+stderr, "--ca") {
				t.Errorf("%s, %s: exit code %d\n%s%s", name, command, code, stdout, stderr)
			}
		}
	}
}

// tokenRequest lets the mock send the token request of a credential to a URL.
const tokenRequest = `
post() { curl -s --cacert "$CREDMOCK_CA" -H "Authorization: Bearer $CREDMOCK_TOKEN" -H "Content-Type: application/json" "$@"; }
created=$(post "$CREDMOCK_URL/v1/authcredentials" -d '{"name":"n","environmentId":"a31a92e5-43b7-45df-8085-4ac5a746d105",
	"grantType":"client_credentials","clientId":"c","clientSecret":"a-secret-of-mine","url":"'"$ENDPOINT"'"}')
id=$(printf %s "$created" | sed 's/.*"id":"\([^"]*\)".*/\1/')
post -X POST "${CREDMOCK_URL%/platform}/__admin/credentials/$id/token-request?send=true"
`

// A mock trusts its own certificate authority, and those of --ca, when it sends a token request.
func TestTokenRequestsOverTLS(t *testing.T) {
	stranger, authority := secure(t, &x509.Certificate{NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	for name, row := range map[string]struct {
		endpoint string
		more     []string
		want     string
	}{
		"itself":               {`${CREDMOCK_URL%/platform}/__oauth/token`, nil, `"status": 200`},
		"a stranger":           {stranger, nil, `is not trusted: its certificate is from an authority`},
		"a trusted stranger":   {stranger, []string{"--ca", authority}, `"status": 404`},
		"its own file as --ca": {`${CREDMOCK_URL%/platform}/__oauth/token`, []string{"--ca", "OWN"}, `"status": 200`},
	} {
		own := filepath.Join(t.TempDir(), "own.pem")
		arguments := []string{"serve", "--tls", "--tls-ca", own}
		for _, more := range row.more {
			arguments = append(arguments, strings.Replace(more, "OWN", own, 1))
		}
		_, stdout, stderr := run(t, noProxy, append(arguments, "--", "sh", "-c", "ENDPOINT="+row.endpoint+tokenRequest)...)
		if !strings.Contains(stdout, row.want) {
			t.Errorf("%s: %s\n%s", name, stdout, stderr)
		}
	}
}
