package credmock_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/internal/attack/respelt"
	"github.com/credmock/credmock/internal/source"
)

// change is one edit of one node of a document.
type change struct {
	parent    *yaml.Node
	index     int // of the value in the parent's content
	operation string
	place     string
}

var changes = []string{"delete", "null", "empty", "retype", "rename"}

// changesOf returns every change of every node below one.
func changesOf(node *yaml.Node, place string) []change {
	var found []change
	step := 1
	if node.Kind == yaml.MappingNode {
		step = 2
	}
	for i := step - 1; i < len(node.Content); i += step {
		name := fmt.Sprint(i)
		if step == 2 {
			name = node.Content[i-1].Value
		}
		inner := place + "/" + name
		for _, operation := range changes {
			if step == 2 || operation != "rename" {
				found = append(found, change{node, i, operation, inner})
			}
		}
		found = append(found, changesOf(node.Content[i], inner)...)
	}
	return found
}

// with calls a function while the tree has the change.
func (c change) with(call func()) {
	before := append([]*yaml.Node{}, c.parent.Content...)
	defer func() { c.parent.Content = before }()
	changed := append([]*yaml.Node{}, before...)
	at := changed[c.index]
	switch c.operation {
	case "delete":
		first := c.index
		if c.parent.Kind == yaml.MappingNode {
			first--
		}
		changed = append(changed[:first], changed[c.index+1:]...)
	case "null":
		changed[c.index] = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null", Line: at.Line}
	case "empty":
		changed[c.index] = &yaml.Node{Kind: at.Kind, Tag: at.Tag, Line: at.Line}
		if at.Kind == yaml.ScalarNode {
			changed[c.index].Tag = "!!str"
		}
	case "retype":
		changed[c.index] = retyped(at)
	case "rename":
		renamed := *changed[c.index-1]
		renamed.Value += "s"
		changed[c.index-1] = &renamed
	}
	c.parent.Content = changed
	call()
}

func retyped(at *yaml.Node) *yaml.Node {
	switch {
	case at.Value == "string":
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "number", Line: at.Line}
	case slices.Contains([]string{"number", "integer", "boolean", "array", "object"}, at.Value):
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "string", Line: at.Line}
	case at.Kind == yaml.MappingNode:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "text", Line: at.Line}
	case at.Kind == yaml.SequenceNode:
		return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: at.Line}
	case at.ShortTag() == "!!str":
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: "42", Line: at.Line}
	}
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: at.Line}
}

// saysNothing are the members that change no request and no answer.
var saysNothing = regexp.MustCompile(
	`/(description|summary|title|example|examples|tags|contact|license|x-evidence|x-level|operationId|securitySchemes|headers)(/|$)`)

// judge loads the tree and returns the reason why the outcome is wrong, or "", and whether the document loads. The mock of a document
// must answer; if it does not, a document that is no valid OpenAPI is refused for that.
func judge(tree *yaml.Node, serve, validate bool) (fault string, loads bool) {
	spec, err := credmock.LoadQuickly(tree)
	if err == nil && serve {
		fault, err = operate(spec)
	}
	if err == nil && (fault != "" || validate) {
		if _, err = credmock.LoadTree(tree); err == nil {
			return fault, true
		}
	}
	if err != nil {
		return faultOf(err), false
	}
	return "", true
}

// operate calls the mock of a document. The fault is the first answer that is wrong; the error says why the mock does not start.
func operate(spec *credmock.Spec) (fault string, err error) {
	defer func() {
		if recovered := recover(); recovered != nil {
			fault = fmt.Sprintf("panic: %v", recovered)
		}
	}()
	client, err := respelt.New(spec)
	if err != nil {
		return "", err
	}
	client.Operate()
	if _, err := contract.Plan(contract.Target{Spec: spec}); err != nil {
		return "no plan: " + err.Error(), nil
	}
	return strings.Join(client.Broken, "\n"), nil
}

var (
	located = regexp.MustCompile(`^((fixtures: )?line \d+: \S|` +
		`the document (needs an operation|is empty)|the body of create names no strategy)`)
	internal = regexp.MustCompile(`json: |openapi3|reflect|nil pointer|runtime error|defect of credmock|interface conversion|%!`)
)

// faultOf returns the reason why an error helps nobody, or "".
func faultOf(err error) string {
	for line := range strings.Lines(err.Error()) {
		if !located.MatchString(line) || internal.MatchString(line) || len(line) < len("line 1: x: y") {
			return "the error is " + line
		}
	}
	return ""
}

var walkSeed = flag.Uint64("walk-seed", rand.Uint64(), "which of the changes TestEveryNode tries with -short")

// selected returns all changes, or with -short a sixteenth that the seed chooses.
func selected(all []change) []change {
	if !testing.Short() {
		return all
	}
	random := rand.New(rand.NewPCG(*walkSeed, 0))
	return slices.DeleteFunc(all, func(change) bool { return random.IntN(16) > 0 })
}

// Every node of the document may be missing, empty or of another type: the outcome is an error that helps, or a mock that answers.
func TestEveryNode(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // little of what a load makes lives long
	const workers = 2
	var group sync.WaitGroup
	var lock sync.Mutex
	all, tried, refused := 0, 0, 0
	for worker := range workers {
		tree, err := source.Read(credmock.Document())
		if err != nil {
			t.Fatal(err)
		}
		every := changesOf(tree, "")
		all = len(every)
		group.Go(func() {
			for i, one := range selected(every) {
				if i%workers != worker {
					continue
				}
				fault, loads := tryChange(one, tree, i%16 < workers)
				lock.Lock()
				if tried++; !loads {
					refused++
				}
				lock.Unlock()
				if fault != "" {
					t.Errorf("%s %s: %s", one.operation, one.place, fault)
				}
			}
		})
	}
	group.Wait()
	if all < 5000 || tried < all/24 || refused < tried/4 || refused > tried*3/4 {
		t.Errorf("%d changes, %d of them tried, %d refused", all, tried, refused)
	}
	t.Logf("%d changes, %d of them tried with -walk-seed %d, %d refused", all, tried, *walkSeed, refused)
}

// tryChange judges one change. A panic is a fault.
func tryChange(one change, tree *yaml.Node, validate bool) (fault string, loads bool) {
	defer func() {
		if recovered := recover(); recovered != nil {
			fault = fmt.Sprintf("panic: %v", recovered)
		}
	}()
	// A member without a value is left out, so that one of the two is served.
	serve := !saysNothing.MatchString(one.place) && (one.operation != "null" || one.parent.Kind == yaml.SequenceNode)
	one.with(func() { fault, loads = judge(tree, serve, validate) })
	return fault, loads
}

// FuzzPairs changes two nodes at once.
func FuzzPairs(f *testing.F) {
	tree, err := source.Read(credmock.Document())
	if err != nil {
		f.Fatal(err)
	}
	all := changesOf(tree, "")
	f.Add(uint(0), uint(1))
	f.Add(uint(700), uint(2900))
	f.Fuzz(func(t *testing.T, first, second uint) {
		one, other := all[first%uint(len(all))], all[second%uint(len(all))]
		if one.parent == other.parent {
			return // the index of the other may be gone
		}
		one.with(func() {
			if fault, _ := tryChange(other, tree, true); fault != "" {
				t.Errorf("%s %s, %s %s: %s", one.operation, one.place, other.operation, other.place, fault)
			}
		})
	})
}
