package document

import (
	"net/url"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reference is the member that names another place of the document in place of the object itself.
const reference = "$ref"

// follow returns the object to which a spot refers, with the reference itself, or the spot if it refers to nothing. The target is
// nil, and the mistake noted, if the reference leads nowhere.
func (r *reader) follow(at *spot) (target *spot, ref string) {
	for seen := map[*yaml.Node]bool{}; ; {
		referring := at.member(reference)
		if referring == nil || referring.isNull() {
			return at, ref
		}
		if seen[at.node] {
			r.mistake(referring, "the reference leads to itself")
			return nil, ""
		}
		seen[at.node] = true
		text := r.text(referring)
		if ref == "" {
			ref = text
		}
		if at = r.find(referring, text); at == nil {
			return nil, ""
		}
	}
}

// find returns the place that a reference names, or nil with a mistake.
func (r *reader) find(from *spot, ref string) *spot {
	pointer, inside := strings.CutPrefix(ref, "#")
	switch {
	case ref == "":
		r.mistake(from, "the reference is empty; name a place such as #/components/schemas/NAME")
		return nil
	case !inside:
		r.mistake(from, "this refers to another file or host, and one document is read here, nothing else; "+
			"`redocly bundle FILE` makes one of all")
		return nil
	}
	at := r.root
	for i, step := range strings.Split(pointer, "/") {
		if i == 0 && step == "" {
			continue
		}
		if i > 0 && at != nil {
			at = at.step(unescape(step))
		}
		if i == 0 || at == nil {
			r.mistake(from, "the reference leads nowhere; it names a place such as #/components/schemas/NAME")
			return nil
		}
	}
	return at
}

// unescape returns the name that a step of a JSON pointer stands for.
func unescape(step string) string {
	if decoded, err := url.PathUnescape(step); err == nil {
		step = decoded
	}
	return strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
}

// step returns what a mapping or a list holds under a name, or nil.
func (s *spot) step(name string) *spot {
	if s.node.Kind == yaml.SequenceNode {
		if index, err := strconv.Atoi(name); err == nil && 0 <= index && index < len(s.node.Content) {
			return s.items()[index]
		}
		return nil
	}
	if found := s.member(name); found != nil && !found.isNull() {
		return found
	}
	return nil
}

// named returns the reference if it names a component, which a document can show in place of the object, and else "".
func named(ref, components string) string {
	if name, found := strings.CutPrefix(ref, "#/components/"+components+"/"); found && !strings.Contains(name, "/") {
		return ref
	}
	return ""
}
