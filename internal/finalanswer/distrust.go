package finalanswer

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"time"
)

// Distrust returns a clause about a server whose TLS failed, such as "its certificate has expired", or "" for any other
// error. The clause holds no text of the server.
func Distrust(err error) string {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &authority):
		return "its certificate is from an authority that is not trusted here; name a file with that authority with --ca"
	case errors.As(err, &name) && len(name.Certificate.DNSNames)+len(name.Certificate.IPAddresses) == 0:
		return "its certificate has no subject alternative name, and so it is for no host; a Common Name does not count"
	case errors.As(err, &name):
		return "its certificate is for another name than the host of the URL"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert.NotBefore.After(time.Now()):
		return "its certificate is not valid yet; look at the clocks of both machines"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate has expired, or one of its authorities"
	case errors.As(err, &verification), errors.As(err, &invalid):
		return "its certificate is not valid for a server"
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return "it speaks HTTP without TLS; the URL must begin with http:// there"
	}
	return ""
}
