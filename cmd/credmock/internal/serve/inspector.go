package serve

import (
	"bytes"
	"context"
	"crypto/tls"
	"net/http"
	"strings"

	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/mockserver"
)

// verify judges the mock for its inspector. Document and principals come from the mock, since --watch may have replaced them.
func (g *Flags) verify(ctx context.Context, judged mockserver.Judged) (html []byte, verdict string, err error) {
	target := contract.Target{
		URL: judged.URL, Spec: judged.Spec, Organization: judged.Organization,
		Token: judged.Token, ViewerToken: judged.ViewerToken, OtherToken: judged.OtherToken,
		Progress: func(done, total int, result report.Result) {
			judged.Progress(done, total, result.ID, string(result.Outcome))
		},
	}
	if transport := g.transportHome(judged.URL); transport != nil { // or the target would hold an interface with a nil in it
		defer transport.CloseIdleConnections()
		target.Transport = transport
	}
	found, err := contract.Judge(ctx, target)
	if err != nil {
		return nil, "", err
	}
	var page bytes.Buffer
	if err := report.Write(&page, "html", found); err != nil {
		return nil, "", err
	}
	return page.Bytes(), string(found.Verdict), nil
}

// transportHome returns what reaches the mock itself where that takes more than usual; nil where it does not. With --tls,
// nobody else vouches for the certificate of this run.
func (g *Flags) transportHome(baseURL string) *http.Transport {
	if !strings.HasPrefix(baseURL, "https:") {
		return nil
	}
	return &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: g.hosting.vouched}, MaxIdleConnsPerHost: 16}
}
