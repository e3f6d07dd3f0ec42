package respelt

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/internal/source"
	"github.com/credmock/credmock/mockserver"
)

// respelling writes the document in another way.
type respelling struct {
	name string
	edit func(tree *yaml.Node)
	want string // the end of the error; same if mock and suite must not see a difference, served if they may
}

const (
	same   = ""
	served = "served"
	judged = "judged" // served, and the suite is asked as well
)

// load loads the document in this spelling.
func (r respelling) load(t *testing.T) (*credmock.Spec, error) {
	t.Helper()
	tree, err := source.Read(credmock.Document())
	if err != nil {
		t.Fatal(err)
	}
	r.edit(tree)
	text, err := yaml.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return credmock.Load(text)
}

// A spelling that means the same gives the same plan and the same answers. One that cannot be served is refused, with the reason.
// With -short it is one in three.
func TestRespellings(t *testing.T) {
	owed := portrait(t, credmock.Default())
	rows := spelledOut(respeltSchemas, respeltReferences, respeltModern, respeltPaths, respeltAnswers, respeltFiles, refusedSpellings)
	rows = append(rows, respeltNamed...)
	if len(rows) < 40 {
		t.Errorf("only %d rows", len(rows))
	}
	for i, row := range rows {
		if testing.Short() && i%3 > 0 {
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			spec, err := row.load(t)
			if row.want != same && row.want != served && row.want != judged {
				if err == nil || !strings.Contains(err.Error(), row.want) {
					t.Errorf("error %v, want %s", err, row.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := portrait(t, spec)
			if row.want == same {
				compare(t, got, owed)
			}
		})
	}
}

// portrait returns a line for all that mock and suite read of a document, and for each answer of the mock. It fails the test if an
// answer is a 5xx.
func portrait(t *testing.T, spec *credmock.Spec) []string {
	t.Helper()
	client, err := New(spec)
	if err != nil {
		t.Fatal(err)
	}
	client.tells = true
	client.Operate()
	for _, broken := range client.Broken {
		t.Error(broken)
	}
	lines := client.told
	plan, err := contract.Plan(contract.Target{Spec: spec})
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range plan {
		lines = append(lines, fmt.Sprintf("check %s %s %s", check.ID, check.Level, check.Source))
	}
	for _, operation := range spec.Operations {
		lines = append(lines, fmt.Sprintf("operation %s %s %s%s %d %q %q %v %v", operation.ID, operation.Method, operation.Prefix,
			operation.Path, operation.Status, operation.MediaType, operation.Member, operation.Public, operation.Basis))
		lines = append(lines, objectLines("body "+operation.ID, operation.Body)...)
		lines = append(lines, objectLines("item "+operation.ID, operation.Item)...)
	}
	for _, strategy := range spec.Strategies {
		fields := slices.Sorted(slices.Values(strategy.AvailableFields))
		lines = append(lines, fmt.Sprintf("strategy %s %v %s %v", strategy.Name, strategy.Basis, strategy.ImpliedBy, fields))
		for name, object := range map[string]*credmock.Object{"create": strategy.Create, "update": strategy.Update, "shown": strategy.Shown} {
			lines = append(lines, objectLines(strategy.Name+" "+name, object)...)
		}
	}
	slices.Sort(lines)
	return lines
}

func objectLines(name string, object *credmock.Object) []string {
	if object == nil {
		return nil
	}
	lines := []string{fmt.Sprintf("%s %v", name, object.UnknownMembersRefused)}
	for _, property := range object.Properties {
		requirement, required := object.Requires(property.Name)
		types := slices.Sorted(slices.Values(property.Types()))
		lines = append(lines, fmt.Sprintf("%s %s %s %v %v %v %v %v %q %q %v %v %v %v", name, property.Name, property.Role, property.Basis, types,
			property.Secret, property.ReadOnly, property.Immutable, property.Flag, property.FlagOf, property.Unlisted, property.Nullable,
			required, requirement.Basis))
		lines = append(lines, fmt.Sprintf("%s %s %v %s %s", name, property.Name, property.Schema.Enum, property.Schema.Format,
			property.Schema.Pattern))
	}
	return lines
}

// compare reports the lines that one portrait has and the other has not.
func compare(t *testing.T, got, owed []string) {
	t.Helper()
	for _, line := range got {
		if !slices.Contains(owed, line) {
			t.Errorf("new:  %.300s", line)
		}
	}
	for _, line := range owed {
		if !slices.Contains(got, line) {
			t.Errorf("gone: %.300s", line)
		}
	}
}

// A document in JSON on a single line has no order of lines.
func TestRespeltInJSON(t *testing.T) {
	text, err := source.IndentedJSON(credmock.Document())
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	oneLine, err := json.Marshal(value) // its members sorted, too
	if err != nil {
		t.Fatal(err)
	}
	spec, err := credmock.Load(oneLine)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, portrait(t, spec), portrait(t, credmock.Default()))
}

// The mock of a document conforms to the suite of that document. The families that only repeat themselves are left out.
func TestRespeltConforms(t *testing.T) {
	judging := 0
	for _, row := range spelledOut(respeltSchemas, respeltReferences, respeltModern, respeltPaths, respeltAnswers) {
		if row.want != judged {
			continue
		}
		judging++
		if testing.Short() && judging > 2 {
			break
		}
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			spec, err := row.load(t)
			if err != nil {
				t.Fatal(err)
			}
			mock, err := mockserver.New(mockserver.Options{Spec: spec})
			if err != nil {
				t.Fatal(err)
			}
			listening := httptest.NewServer(mock)
			defer listening.Close()
			report, err := contract.Judge(t.Context(), contract.Target{URL: listening.URL + spec.BasePath(), Spec: spec,
				Token: mockserver.DefaultToken, ViewerToken: mockserver.DefaultViewerToken, OtherToken: mockserver.DefaultOtherToken,
				Skip: "^(concurrency|model|crashes|fields/awkward|redaction|types)/"})
			if err != nil || report.Verdict != contract.Conforms {
				t.Errorf("%s, error %v", report.Verdict, err)
			}
			for _, check := range report.Checks {
				if check.Outcome == contract.Fail || check.Outcome == contract.Trouble {
					t.Errorf("%s: %s: %v %s", check.ID, check.Outcome, check.Findings, check.Reason)
				}
			}
		})
	}
}
