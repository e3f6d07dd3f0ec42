package probe

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/credmock/credmock/contract/internal/wire"
	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/foreign/hostile"
	"github.com/credmock/credmock/internal/pathtemplate"
)

func TestFindingsAreCounted(t *testing.T) {
	s := testSession(t)
	p := s.Probe("x/y")
	for i := range 10_000 {
		p.Fail(nil, "", fmt.Sprint("member ", i), "nothing")
		p.Fail(nil, "", "member 1", "nothing") // a duplicate
	}
	if last := p.Findings[len(p.Findings)-1]; len(p.Findings) != MaxFindings+1 || last.Seen != "more of this kind (9992)" ||
		last.Owed != "nothing" {
		t.Errorf("%d findings, the last %+v", len(p.Findings), last)
	}
}

// A finding is printable and short whatever a target answers.
func TestFindingIsShort(t *testing.T) {
	s := testSession(t)
	get := s.Spec.Operation("credential", "get")
	for _, text := range append(hostile.Texts, strings.Repeat("\u202e", 1<<18), strings.Repeat("x", 1<<20), strings.Repeat("\xff", 1<<18)) {
		p := s.Probe("x/y")
		e := &wire.Exchange{
			Operation: get, Method: "GET", Template: get.Path, Path: pathtemplate.Fill(get.Path, text), Principal: wire.Engineer, Status: 200,
			Header: http.Header{"Content-Type": {text}}, Body: []byte(text),
		}
		p.Fail(e, "/payload/"+text, text, text)
		finding := p.Findings[0]
		for name, one := range map[string]string{"seen": finding.Seen, "owed": finding.Owed, "where": finding.Where, "again": finding.Reproduce,
			"answer": finding.Answer} {
			if len(one) > 4*foreign.MaxShort || !printable(strings.ReplaceAll(strings.ReplaceAll(one, "\n", ""), "\t", "")) || name != "answer" &&
				strings.Contains(one, "\n") {
				t.Errorf("%s has %d bytes: %.300q", name, len(one), one)
			}
		}
	}
}

func printable(text string) bool { return foreign.Text(text).String() == text }
