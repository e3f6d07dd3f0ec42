package command

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/internal/lazy"
)

// build is what is known about the program that runs.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`   // empty if the build does not know it
	Modified bool   `json:"modified,omitempty"` // the files differed from the commit
	Date     string `json:"date,omitempty"`     // of the commit, as RFC 3339
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func newVersion() *cobra.Command {
	command := &cobra.Command{
		Use:   "version",
		Short: "Print the version of credmock",
		Long: "version prints the version of credmock, then the commit and its date, if the build has them, then the version of Go\n" +
			"and the platform. --version prints only the first line.",
		Example: "  credmock version\n  credmock version --json",
		Args:    cli.NoArguments,
	}
	asJSON := command.Flags().Bool("json", false, "print it as JSON")
	command.RunE = func(command *cobra.Command, _ []string) error {
		info, _ := debug.ReadBuildInfo()
		text, err := buildOf(info).text(*asJSON)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(command.OutOrStdout(), text)
		return err
	}
	return command
}

// buildOf reads the information that Go puts into a program; info may be nil.
func buildOf(info *debug.BuildInfo) build {
	made := build{Version: credmock.ToolVersion, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info == nil {
		return made
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			made.Commit = setting.Value
		case "vcs.modified":
			made.Modified = setting.Value == "true"
		case "vcs.time":
			made.Date = setting.Value
		}
	}
	if made.Commit == "" {
		made.Date, made.Commit = ofModule(info.Main.Version)
	}
	return made
}

// pseudoVersion is the version of a module that was installed without its repository at a commit without a tag, such as
// v0.0.0-20261126152044-9b0c86b2d1f0.
var pseudoVersion = lazy.Regexp(`[-.](\d{14})-([0-9a-f]{12})(\+\w+)?$`)

// ofModule returns the date and the commit in the version of a module, or "" for both.
func ofModule(version string) (date, commit string) {
	found := pseudoVersion().FindStringSubmatch(version)
	if found == nil {
		return "", ""
	}
	moment, err := time.Parse("20060102150405", found[1])
	if err != nil {
		return "", ""
	}
	return moment.Format(time.RFC3339), found[2]
}

func (b build) text(asJSON bool) (string, error) {
	if asJSON {
		text, err := json.MarshalIndent(b, "", "  ")
		return string(text), err
	}
	lines := "credmock " + b.Version
	if b.Commit != "" {
		lines += "\ncommit   " + b.Commit
		if b.Modified {
			lines += ", modified"
		}
	}
	if b.Date != "" {
		lines += "\ndate     " + b.Date
	}
	return lines + "\ngo       " + b.Go + "\nplatform " + b.Platform, nil
}
