package settings

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
)

// apply sets the flags of a command that are not set yet.
func (f *file) apply(command *cobra.Command) error {
	group := f.groups[command.Name()]
	if group == nil {
		return nil
	}
	var mistakes []error
	for key, value := range members(group) {
		flag := command.Flags().Lookup(key.Value)
		if flag == nil || flag.Changed {
			continue
		}
		if f.set(flag, value) != nil { // whose text may repeat a secret
			mistakes = append(mistakes, mistake(value, flag.Name, "it must be "+cli.Wanted(flag)))
			continue
		}
		cli.SetOrigin(flag, cli.FromFile, fmt.Sprintf("%s:%d", f.name, key.Line))
	}
	return f.tell(mistakes)
}

// set sets a flag to a value of the file. Files are relative to the file of settings.
func (f *file) set(flag *pflag.Flag, value *yaml.Node) error {
	list, repeated := flag.Value.(pflag.SliceValue)
	if !repeated {
		return flag.Value.Set(f.placed(flag, value.Value))
	}
	items := []string{value.Value}
	if value.Kind == yaml.SequenceNode {
		items = nil
		for _, item := range value.Content {
			items = append(items, item.Value)
		}
	}
	for i, item := range items {
		items[i] = f.placed(flag, item)
	}
	return list.Replace(items)
}

// placed returns a value of a flag that names a file, as a path from the working folder.
func (f *file) placed(flag *pflag.Flag, value string) string {
	kind, _ := pflag.UnquoteUsage(flag)
	prefix, path := "", value
	switch kind {
	case "FILE", "DIR":
	case "FORMAT=FILE":
		format, name, found := strings.Cut(value, "=")
		if !found {
			return value
		}
		prefix, path = format+"=", name
	default:
		return value
	}
	if path == "" || path == "-" || filepath.IsAbs(path) {
		return value
	}
	return prefix + filepath.Join(f.folder, path)
}
