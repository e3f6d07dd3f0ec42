package verify

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/cmd/credmock/internal/har"
	"github.com/credmock/credmock/cmd/credmock/internal/output"
	"github.com/credmock/credmock/cmd/credmock/internal/principals"
	"github.com/credmock/credmock/contract/report"
)

// aim sets the way to the target, and the tokens of its principals.
func (g *Flags) aim(remote bool) error {
	transport, err := g.way.Path.Transport()
	if err != nil {
		return err
	}
	way := principals.Way{Transport: transport, Header: g.way.Header, Unanswered: g.way.Path.Unanswered}
	if remote {
		if way.Base, err = cli.ParseBase(g.target.URL); err != nil {
			return err
		}
		g.base, g.target.URL, g.unused = way.Base, way.Base.String(), g.way.Path.UnusedProxy(way.Base)
		g.target.Transport, g.target.Header, g.target.Rate, g.target.Notes = transport, g.way.Header, g.way.Rate, g.way.Notes()
		g.target.Curl = strings.Join(g.way.Path.Curl(), " ")
	}
	if err := g.Complete(way); err != nil {
		return err
	}
	if err := g.record(transport); err != nil {
		return err
	}
	g.target.Token, g.target.ViewerToken, g.target.OtherToken = g.Engineer.Token, g.Viewer.Token, g.Other.Token
	g.target.TokenSource, g.target.ViewerTokenSource, g.target.OtherTokenSource = g.Engineer.Source, g.Viewer.Source, g.Other.Source
	return nil
}

// record puts a recorder before the transport.
func (g *Flags) record(transport *http.Transport) error {
	if g.har == "" {
		return nil
	}
	if err := output.CanWrite(g.har); err != nil {
		return cli.Usage("--har: %s", cli.Unwritable(g.har, err))
	}
	transport.MaxResponseHeaderBytes = headLimit
	g.recorder = har.Record(transport)
	g.target.Transport = g.recorder
	return nil
}

// headLimit bounds the headers of a recorded answer.
const headLimit = 64 << 10

// writeRecording writes the recording of the run. It holds no secret that the run knows.
func (g *Flags) writeRecording(found report.Report) error {
	if g.recorder == nil {
		return nil
	}
	headers := slices.Collect(maps.Keys(g.way.Header))
	text, err := g.recorder.Write(&har.Masker{Detector: found.Detector, Members: g.target.Spec.Secrets(), Headers: headers})
	if err == nil {
		err = output.WriteWhole(g.har, text, 0o600)
	}
	if err != nil {
		return &cli.Exit{Code: report.ExitInconclusive, Message: "the recording cannot be written: " + cli.Unwritable(g.har, err)}
	}
	return nil
}
