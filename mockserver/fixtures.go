package mockserver

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math"

	"go.yaml.in/yaml/v3"
)

//go:embed fixtures.yaml
var defaultFixtures []byte

// fixtures are what a mock holds when it starts, as the YAML has it.
type fixtures struct {
	organizations []fixtureOrganization
	numbers       map[float64]bool // of the organizations
	principals    []fixturePrincipal
	callers       [sha256.Size]byte // a digest of what says who they are
	planned       []plannedFault    // what goes wrong from the start
	faults        *fixtureFaults    // what is wrong with the text itself
}

type fixtureOrganization struct {
	number       float64
	environments []fixtureEnvironment
}

// fixtureEnvironment has the members of an environment and, beside them, what it holds.
type fixtureEnvironment struct {
	fixtureItem
	contents []fixtureItem
}

// holds maps what an environment of the fixtures holds to the resource.
var holds = map[string]string{"credentials": resourceCredential, "destinations": "destination"}

// parseFixtures reads fixtures and notes what it does not know. What it could not read is left out.
func parseFixtures(text []byte) *fixtures {
	parsed := &fixtures{faults: &fixtureFaults{}, numbers: map[float64]bool{}}
	if len(text) > fixturesLimit {
		parsed.faults.add(fixturePlace{}, fmt.Sprintf("the file has more than %d MiB", fixturesLimit>>20))
		return parsed
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var root, second yaml.Node
	if err := decoder.Decode(&root); err != nil && !errors.Is(err, io.EOF) {
		parsed.faults.broken(err)
		return parsed
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		parsed.faults.add(fixturePlace{}, "there is a second document, or what follows the first is not YAML; put everything in one")
		return parsed
	}
	top := fixturePlace{node: &yaml.Node{Kind: yaml.MappingNode, Line: 1}}
	if len(root.Content) == 1 && root.Content[0].ShortTag() != "!!null" {
		top.node = root.Content[0]
		if !parsed.faults.fits(top.node) {
			return parsed
		}
		datesAsText(top.node)
	}
	parsed.read(top)
	return parsed
}

func (f *fixtures) read(top fixturePlace) {
	members := f.faults.mapping(top, "organizations", "principals", "faults")
	listed, there := members["organizations"]
	if there {
		for _, at := range f.faults.upTo(mostOrganizations, "organizations", f.faults.sequence(listed)) {
			f.readOrganization(at)
		}
	}
	if !there || len(f.organizations) == 0 && len(f.faults.all) == 0 {
		f.faults.add(top, "organizations is required; list at least one")
	}
	if principals, there := members["principals"]; there {
		f.callers = digestOf(principals.node)
		for _, one := range f.faults.entries(principals) {
			f.principals = append(f.principals, f.readPrincipal(one))
		}
	}
	if planned, there := members["faults"]; there {
		for _, one := range f.faults.upTo(mostFaults, "faults", f.faults.sequence(planned)) {
			f.readPlanned(one)
		}
	}
}

// digestOf returns a digest of YAML, to tell whether it says something else than before.
func digestOf(node *yaml.Node) [sha256.Size]byte {
	text, err := yaml.Marshal(node)
	if err != nil {
		return [sha256.Size]byte{} // an alias within itself, which is told of when it is read
	}
	return sha256.Sum256(text)
}

func (f *fixtures) readOrganization(at fixturePlace) {
	members := f.faults.mapping(at, "id", "environments")
	if members == nil {
		return
	}
	made := fixtureOrganization{}
	if id, there := members["id"]; there {
		made.number = f.faults.organizationNumber(id)
	} else {
		f.faults.add(at, "id is required; give the organization a number")
	}
	if f.numbers[made.number] {
		f.faults.add(at, "another organization has the same id")
	}
	f.numbers[made.number] = true
	if environments, there := members["environments"]; there {
		for _, one := range f.faults.sequence(environments) {
			made.environments = append(made.environments, f.readEnvironment(one))
		}
	}
	f.organizations = append(f.organizations, made)
}

// readEnvironment reads an environment: what it holds is taken out, all else is the document's.
func (f *fixtures) readEnvironment(at fixturePlace) fixtureEnvironment {
	made := fixtureEnvironment{fixtureItem: f.faults.item(at)}
	if made.values == nil {
		made.values = map[string]any{}
		return made
	}
	for _, member := range f.faults.entries(at) {
		resource := holds[member.name]
		if resource == "" {
			continue
		}
		delete(made.values, member.name)
		for _, one := range f.faults.sequence(member.place) {
			if item := f.faults.item(one); item.values != nil {
				item.resource = resource
				made.contents = append(made.contents, item)
			}
		}
	}
	return made
}

// lists tells whether the organization is there.
func (f *fixtures) lists(number float64) bool { return f.numbers[number] }

// upTo returns the first items of a list, and notes where there are more than there may be.
func (f *fixtureFaults) upTo(most int, what string, items []fixturePlace) []fixturePlace {
	if len(items) > most {
		f.add(items[most], fmt.Sprintf("there may be %d %s at most", most, what))
		items = items[:most]
	}
	return items
}

// organizationNumber reads the id of an organization. Beyond what a double holds exactly, two would be taken for one.
func (f *fixtureFaults) organizationNumber(at fixturePlace) float64 {
	before := len(f.all) + f.more
	number := f.number(at)
	if len(f.all)+f.more == before && (number < 0 || number > mostExact || number != math.Trunc(number)) {
		f.add(at, fmt.Sprintf("the id of an organization must be a whole number from 0 to %d", int64(mostExact)))
	}
	return number
}

// mostExact is the largest whole number up to which a double holds each.
const mostExact = 1<<53 - 1
