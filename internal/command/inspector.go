package command

import (
	"bytes"
	"context"
	"crypto/tls"
	"net/http"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/mockserver"
)

// verifyHook is how the inspector runs verify.
type verifyHook = func(ctx context.Context, baseURL string, progress func(done, total int, id, outcome string)) (html []byte, verdict string, err error)

// inspectorVerify returns what lets the inspector judge the mock with these options by the document that it serves.
func (g *serveFlags) inspectorVerify(served mockserver.Options) verifyHook {
	return func(ctx context.Context, baseURL string, progress func(done, total int, id, outcome string)) ([]byte, string, error) {
		spec, err := g.specNow(served.Spec)
		if err != nil {
			return nil, "", err
		}
		found, err := contract.Judge(ctx, contract.Target{
			URL: baseURL, Token: served.Tokens[0], ViewerToken: served.ViewerToken, OtherToken: served.OtherToken, Spec: spec,
			Transport: g.transportHome(baseURL),
			Progress: func(done, total int, result contract.Result) {
				progress(done, total, result.ID, string(result.Outcome))
			},
		})
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

// specNow returns the document that is served now: --watch may have put another one in the place of the first.
func (g *serveFlags) specNow(first *credmock.Spec) (*credmock.Spec, error) {
	if !g.manners.watch {
		return first, nil
	}
	return loadSpec(g.spec)
}

// transportHome returns what reaches the mock itself where that takes more than usual: with --tls, nobody else vouches for the
// certificate of this run.
func (g *serveFlags) transportHome(baseURL string) http.RoundTripper {
	if !strings.HasPrefix(baseURL, "https:") {
		return nil
	}
	return &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: g.manners.vouched}, MaxIdleConnsPerHost: 16}
}
