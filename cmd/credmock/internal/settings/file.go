// Package settings reads the flags of commands from a file, credmock.yaml, and shows which settings are in force.
package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/internal/source"
	"github.com/credmock/credmock/internal/spelling"
)

const (
	// fileName is the file that is read if it lies in the working folder.
	fileName = "credmock.yaml"
	// flagName is the flag that names another one.
	flagName = "config"
	// sizeLimit is far more than any file of settings has.
	sizeLimit = 1 << 20
)

// Groups are the commands whose flags a file may have.
var Groups = []string{"verify", "serve", "run"}

// AddFlag adds the flag that names the file to a command.
func AddFlag(command *cobra.Command) {
	command.Flags().String(flagName, "", "`FILE` with settings; default "+fileName+" in the working folder, if it is there")
}

// file is a file of settings.
type file struct {
	name   string
	folder string
	groups map[string]*yaml.Node
}

// Loader applies a file of settings to commands, and reads it once.
type Loader struct {
	file *file
	read bool
}

// Apply sets the flags of a command that neither the command line nor the environment sets. It returns the name of a file that nobody
// named and that was found, when it is first read.
func (l *Loader) Apply(command *cobra.Command) (found string, err error) {
	flag := command.Flags().Lookup(flagName)
	if flag == nil {
		return "", nil
	}
	if !l.read {
		if l.file, err = open(flag.Value.String(), flag.Changed, command.Root()); err != nil {
			return "", err
		}
		l.read = true
		if l.file != nil && !flag.Changed {
			found = l.file.name
		}
	}
	if l.file == nil {
		return found, nil
	}
	return found, l.file.apply(command)
}

// open reads a file, or the one of the working folder. It returns nil if there is none, or if the name is given and empty.
func open(name string, given bool, root *cobra.Command) (*file, error) {
	if given && name == "" {
		return nil, nil
	}
	if !given {
		name = fileName
	}
	text, err := os.ReadFile(name)
	switch {
	case err != nil && !given && errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, cli.Usage("--%s: %s", flagName, cli.Unreadable(name, err))
	case len(text) > sizeLimit:
		return nil, cli.Usage("--%s: %s is larger than any file of settings", flagName, name)
	}
	opened := &file{name: name, folder: filepath.Dir(name), groups: map[string]*yaml.Node{}}
	return opened, opened.tell(opened.check(text, root))
}

// tell makes a usage error of mistakes: one on a line of its own, or a list.
func (f *file) tell(mistakes []error) error {
	lines := []string{}
	for _, mistake := range mistakes {
		lines = append(lines, cli.Lines(mistake, f.name+": ")...)
	}
	switch len(lines) {
	case 0:
		return nil
	case 1:
		return cli.Usage("%s", lines[0])
	}
	return cli.Usage("the settings cannot be used:\n  %s", strings.Join(lines, "\n  "))
}

// check divides the file into groups, and returns every mistake that can be known without the meaning of a value.
func (f *file) check(text []byte, root *cobra.Command) (mistakes []error) {
	top, err := source.Read(text)
	var empty *source.Mistake
	if err != nil && !errors.As(err, &empty) {
		return nil // nothing stands in it
	}
	if err != nil {
		return []error{err}
	}
	if top.Kind != yaml.MappingNode {
		return []error{mistake(top, "", "a file of settings has groups, such as verify: with flags below it")}
	}
	for key, value := range members(top) {
		switch {
		case !slices.Contains(Groups, key.Value):
			mistakes = append(mistakes, mistake(key, "", "there is no group "+quoted(key)+"; "+
				meant(key.Value, Groups, "groups are "+strings.Join(Groups, ", "))))
		case f.groups[key.Value] != nil:
			mistakes = append(mistakes, mistake(key, key.Value, "the group is there twice"))
		default:
			f.groups[key.Value] = value
			command, _, _ := root.Find([]string{key.Value}) // every group is a command
			mistakes = append(mistakes, checkGroup(key.Value, value, command.Flags())...)
		}
	}
	return mistakes
}

// checkGroup checks the names and the forms of a group.
func checkGroup(group string, node *yaml.Node, flags *pflag.FlagSet) (mistakes []error) {
	if node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null" {
		return nil
	}
	if node.Kind != yaml.MappingNode {
		return []error{mistake(node, group, "a group has flags below it, such as url: http://127.0.0.1:4118/platform")}
	}
	seen := map[string]bool{}
	for key, value := range members(node) {
		flag := flags.Lookup(key.Value)
		switch {
		case seen[key.Value]:
			mistakes = append(mistakes, mistake(key, group, "the flag "+quoted(key)+" stands there twice"))
		case flag == nil || !mayHave(flag):
			mistakes = append(mistakes, mistake(key, group, "there is no flag "+quoted(key)+" here; "+
				meant(strings.TrimLeft(key.Value, "-"), names(flags), "credmock "+group+" --help lists them")))
		default:
			mistakes = append(mistakes, checkForm(flag, value)...)
		}
		seen[key.Value] = true
	}
	return mistakes
}

// checkForm checks that a flag has a value, and several only if it may be repeated.
func checkForm(flag *pflag.Flag, value *yaml.Node) (mistakes []error) {
	_, repeated := flag.Value.(pflag.SliceValue)
	switch {
	case value.Kind == yaml.SequenceNode && repeated:
		for _, item := range value.Content {
			if !isText(item) {
				mistakes = append(mistakes, mistake(item, flag.Name, "each value must be one word or text"))
			}
		}
	case value.Kind == yaml.SequenceNode:
		mistakes = append(mistakes, mistake(value, flag.Name, "it takes one value and no list"))
	case !isText(value):
		mistakes = append(mistakes, mistake(value, flag.Name, "it needs a value: "+cli.Wanted(flag)))
	}
	return mistakes
}

// isText tells whether a node is a value as it may stand on the command line. Aliases are no part of this.
func isText(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.ShortTag() != "!!null" }

// mayHave leaves out the flags that ask about the program itself, or name the file.
func mayHave(flag *pflag.Flag) bool { return flag.Name != "help" && flag.Name != flagName }

func names(flags *pflag.FlagSet) []string {
	known := map[string]bool{}
	flags.VisitAll(func(flag *pflag.Flag) {
		if mayHave(flag) {
			known[flag.Name] = true
		}
	})
	return slices.Sorted(maps.Keys(known))
}

func mistake(node *yaml.Node, place, message string) error {
	return &source.Mistake{Line: node.Line, Place: place, Message: message}
}

// quoted shows the name of a member, unless it is so long that it may be a value.
func quoted(key *yaml.Node) string {
	if len(key.Value) > 40 {
		return "of this name"
	}
	return fmt.Sprintf("%q", key.Value)
}

// meant returns the name that a mistyped one means, as a question, or other words.
func meant(name string, known []string, otherwise string) string {
	if near := spelling.Nearest(name, known); near != "" {
		return "did you mean " + near + "?"
	}
	return otherwise
}

// members passes each member of a mapping on.
func members(node *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i+1 < len(node.Content); i += 2 {
			if !yield(node.Content[i], node.Content[i+1]) {
				return
			}
		}
	}
}
