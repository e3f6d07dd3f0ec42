package report

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/internal/source"
)

// ReadKnown reads a ledger of known failures: a YAML list of entries with id, reason, and optionally expires (a date) and
// finding. The error is a [*UsageError] that names the line.
func ReadKnown(r io.Reader) ([]KnownFailure, error) {
	known, mistake := readKnown(r)
	if mistake != nil {
		return nil, &UsageError{mistake.Error()}
	}
	return known, nil
}

func readKnown(r io.Reader) ([]KnownFailure, *source.Mistake) {
	decoder := yaml.NewDecoder(r)
	var document yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, nil // an empty ledger is a finished one
	} else if err != nil {
		mistake := source.Syntax(err)[0]
		if mistake.Line == 0 {
			mistake.Place = "the file"
		}
		return nil, mistake
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, &source.Mistake{Message: "there is a second document; put everything in one list"}
	}
	return readLedger(document.Content[0])
}

func atLine(node *yaml.Node, format string, arguments ...any) *source.Mistake {
	return &source.Mistake{Line: node.Line, Message: fmt.Sprintf(format, arguments...)}
}

func readLedger(root *yaml.Node) ([]KnownFailure, *source.Mistake) {
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return nil, nil
	}
	if root.Kind != yaml.SequenceNode {
		return nil, atLine(root, "a ledger is a list; each entry begins with - id:")
	}
	var known []KnownFailure
	stood := map[[2]string]int{}
	for _, node := range root.Content {
		entry, mistake := readEntry(node)
		if mistake != nil {
			return nil, mistake
		}
		key := [2]string{entry.ID, entry.Finding}
		if stood[key] != 0 {
			return nil, atLine(node, "%s is listed on line %d already", entry.ID, stood[key])
		}
		stood[key] = node.Line
		known = append(known, entry)
	}
	return known, nil
}

func readEntry(node *yaml.Node) (KnownFailure, *source.Mistake) {
	entry := KnownFailure{Line: node.Line}
	if node.Kind != yaml.MappingNode {
		return entry, atLine(node, "an entry has the members id, reason, expires and finding")
	}
	stood := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if stood[key.Value] {
			return entry, atLine(key, "%q stands there twice", key.Value)
		}
		stood[key.Value] = true
		if mistake := entry.set(key, value); mistake != nil {
			return entry, mistake
		}
	}
	switch {
	case entry.ID == "":
		return entry, atLine(node, "the entry has no id; see the ids with --list")
	case strings.TrimSpace(entry.Reason) == "":
		return entry, atLine(node, "%s has no reason; say why the failure is borne with", entry.ID)
	}
	return entry, nil
}

// set sets one member of an entry.
func (k *KnownFailure) set(key, value *yaml.Node) *source.Mistake {
	if value.Kind == yaml.ScalarNode && value.ShortTag() == "!!null" {
		return nil // an empty member is an absent one
	}
	if value.Kind != yaml.ScalarNode {
		return atLine(value, "%q must be text", key.Value)
	}
	switch key.Value {
	case "id":
		k.ID = value.Value
	case "reason":
		k.Reason = value.Value
	case "finding":
		k.Finding = value.Value
	case "expires":
		day, err := time.Parse(time.DateOnly, value.Value)
		if err != nil {
			return atLine(value, "expires must be a date, such as 2030-01-31")
		}
		k.Expires = day
	default:
		return atLine(key, "the key %q is not known here; there are id, reason, expires and finding", key.Value)
	}
	return nil
}
