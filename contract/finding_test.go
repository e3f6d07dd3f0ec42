package contract

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/foreign/hostile"
	"github.com/credmock/credmock/internal/pathtemplate"
)

func TestFindingsAreCounted(t *testing.T) {
	s := testSession(t)
	p := s.probe("x/y")
	for i := range 10_000 {
		p.fail(nil, "", fmt.Sprint("member ", i), "nothing")
		p.fail(nil, "", "member 1", "nothing") // told already
	}
	if last := p.findings[len(p.findings)-1]; len(p.findings) != maxFindings+1 || last.Seen != "more of this kind (9992)" || last.Owed != "nothing" {
		t.Errorf("%d findings, the last %+v", len(p.findings), last)
	}
}

// A finding is printable and short, whatever a target has answered.
func TestAFindingIsShort(t *testing.T) {
	s := testSession(t)
	get := s.spec.Operation("credential", "get")
	for _, text := range append(hostile.Texts, strings.Repeat("\u202e", 1<<20), strings.Repeat("x", 8<<20), strings.Repeat("\xff", 1<<20)) {
		p := s.probe("x/y")
		e := &exchange{
			operation: get, method: "GET", template: get.Path, path: pathtemplate.Fill(get.Path, text), principal: engineer, status: 200,
			header: http.Header{"Content-Type": {text}}, body: []byte(text),
		}
		p.fail(e, "/payload/"+text, text, text)
		finding := p.findings[0]
		for name, one := range map[string]string{"seen": finding.Seen, "owed": finding.Owed, "where": finding.Where, "again": finding.Reproduce, "answer": finding.Answer} {
			if len(one) > 4*foreign.MaxShort || !printable(strings.ReplaceAll(strings.ReplaceAll(one, "\n", ""), "\t", "")) || name != "answer" && strings.Contains(one, "\n") {
				t.Errorf("%s has %d bytes: %.300q", name, len(one), one)
			}
		}
	}
}

func printable(text string) bool { return foreign.Text(text).String() == text }
