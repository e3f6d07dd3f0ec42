package command

import (
	"bytes"
	"context"
	"crypto/tls"
	"net/http"
	"strings"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/mockserver"
)

// verifyHook is how the inspector runs verify.
type verifyHook = func(ctx context.Context, baseURL string, progress func(done, total int, id, outcome string)) (html []byte, verdict string, err error)

// inspectorVerify returns what lets the inspector judge the mock. The mock says by which document and as whom: with --watch both
// may be others than at the start.
func (g *serveFlags) inspectorVerify(mockserver.Options) verifyHook {
	return func(ctx context.Context, baseURL string, progress func(done, total int, id, outcome string)) ([]byte, string, error) {
		transport := g.transportHome(baseURL)
		if transport != nil {
			defer transport.CloseIdleConnections()
		}
		found, err := contract.Judge(ctx, targetHome(mockserver.JudgedIn(ctx), baseURL, transport, progress))
		if err != nil {
			return nil, "", err
		}
		var page bytes.Buffer
		if err := contract.Write(&page, "html", found); err != nil {
			return nil, "", err
		}
		return page.Bytes(), string(found.Verdict), nil
	}
}

// targetHome is the mock itself as what is to be judged.
func targetHome(judged mockserver.Judged, baseURL string, transport *http.Transport, progress func(done, total int, id, outcome string)) contract.Target {
	target := contract.Target{
		URL: baseURL, Spec: judged.Spec, Organization: judged.Organization,
		Token: judged.Token, ViewerToken: judged.ViewerToken, OtherToken: judged.OtherToken,
		Progress: func(done, total int, result contract.Result) {
			progress(done, total, result.ID, string(result.Outcome))
		},
	}
	if transport != nil { // or the interface would hold a nil, and not be one
		target.Transport = transport
	}
	return target
}

// transportHome returns what reaches the mock itself where that takes more than usual; nil where it does not. With --tls,
// nobody else vouches for the certificate of this run.
func (g *serveFlags) transportHome(baseURL string) *http.Transport {
	if !strings.HasPrefix(baseURL, "https:") {
		return nil
	}
	return &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: g.manners.vouched}, MaxIdleConnsPerHost: 16}
}
