package verify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock/cmd/credmock/internal/cli"
	"github.com/credmock/credmock/contract"
	"github.com/credmock/credmock/contract/report"
	"github.com/credmock/credmock/internal/foreign"
)

// RunsFolder returns the folder in which a run keeps a file until it has cleaned up.
func RunsFolder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "credmock", "runs"), nil
}

// checkClean checks that --clean has a URL, and no flag of a run that judges.
func (g *Flags) checkClean(command *cobra.Command) error {
	if !g.clean {
		return nil
	}
	if g.target.URL == "" {
		return cli.Usage("--clean needs --url: a mock of our own leaves nothing behind")
	}
	for _, name := range []string{"list", "keep", "report", "scenarios", "run", "skip", "known"} {
		if command.Flags().Changed(name) {
			return cli.Usage("--clean judges nothing; leave out --%s", name)
		}
	}
	return nil
}

// tellCutShort says on standard error what earlier runs against the same target may have left behind.
func (g *Flags) tellCutShort(command *cobra.Command) {
	progress := command.ErrOrStderr()
	folder, err := RunsFolder()
	if err != nil {
		fmt.Fprintln(progress, "there is no folder for the notes of the run; if it is killed, only their names tell which records it created")
		return
	}
	g.target.Runs = folder
	records, err := contract.CutShort(folder, g.target.URL)
	if err != nil {
		fmt.Fprintln(progress, "the notes of earlier runs cannot be read: "+cli.Unreadable(folder, err))
	}
	for _, record := range records {
		fmt.Fprintf(progress, "a run of %s was cut short, and may have left behind %s and records named %q; delete them with: credmock "+
			"verify --clean %s\n",
			record.Started.Local().Format("2006-01-02 15:04"), things(record.Things()), record.Name, g.sameTarget(true))
	}
}

func things(number int) string {
	if number == 1 {
		return "1 thing"
	}
	return fmt.Sprintf("%d things", number)
}

// cleanUp deletes the resources that earlier runs against the target left behind, and prints each request.
func (g *Flags) cleanUp(ctx context.Context, command *cobra.Command) error {
	folder, err := RunsFolder()
	if err != nil {
		return &cli.Exit{Code: report.ExitInconclusive, Message: "there is no folder with the notes of earlier runs: " + err.Error()}
	}
	g.target.Runs = folder
	list, err := contract.Clean(ctx, g.target)
	if err != nil {
		return cli.AsUsage(err)
	}
	out := command.OutOrStdout()
	if len(list) == 0 {
		fmt.Fprintln(out, "nothing to delete: no run against this target was cut short")
	}
	code, why := 0, ""
	for _, one := range list {
		for _, request := range one.Deleted {
			fmt.Fprintln(out, foreign.Text(request).String())
		}
		for _, request := range one.Left {
			fmt.Fprintln(out, "left behind: "+foreign.Text(request).String())
			code = max(code, report.ExitLeftBehind)
		}
		fmt.Fprintf(out, "%s: %s deleted\n", one.Run.Name, things(len(one.Deleted)))
		if one.Trouble != "" {
			code, why = report.ExitInconclusive, "the rest of "+one.Run.Name+" is not known: "+foreign.Text(one.Trouble).String()
		}
		if why != "" {
			break
		}
	}
	if code == 0 {
		return nil
	}
	return &cli.Exit{Code: code, Message: why}
}
