package guard

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/credmock/credmock/scenarios/internal/bound"
)

// readsFiles returns which of the arguments is no file that a script may read.
func (g *Guard) readsFiles(arguments []word) string {
	for _, argument := range arguments {
		if refusal := g.reads(argument); refusal != "" {
			return refusal
		}
	}
	return ""
}

// readsLast checks only the last argument: those before it are an expression.
func (g *Guard) readsLast(arguments []word) string {
	return g.readsFiles(arguments[max(0, len(arguments)-1):])
}

// writesFiles returns which of the arguments is no file that a script may write.
func (g *Guard) writesFiles(arguments []word) string {
	for _, argument := range arguments {
		name, refusal := g.path(argument)
		if refusal == "" && !filepath.IsLocal(name) {
			refusal = fmt.Sprintf("%s is refused, as it is no file of the script%s", bound.Brief(name), Allowance)
		}
		if refusal != "" {
			return refusal
		}
	}
	return ""
}

// reads returns why a word is no file that a script may read.
func (g *Guard) reads(argument word) string {
	name, refusal := g.path(argument)
	if refusal != "" || filepath.IsLocal(name) {
		return refusal
	}
	inner, err := filepath.Rel(g.Folder, name)
	if !filepath.IsAbs(name) || err != nil || !filepath.IsLocal(inner) {
		return fmt.Sprintf("%s is refused, as it is neither a file of the script nor one beside it%s", bound.Brief(name), Allowance)
	}
	// A script can make no link, so a link beside it will still lead where it leads now.
	if err := g.stat(inner); err != nil {
		return fmt.Sprintf("%s is refused: %s%s", bound.Brief(name), bound.Reason(err), Allowance)
	}
	return ""
}

// stat returns why what lies beside the script is not read. What is not there does no harm, nor does a folder.
func (g *Guard) stat(name string) error {
	root, err := os.OpenRoot(g.Folder)
	if err != nil {
		return err
	}
	defer root.Close()
	info, err := root.Stat(name)
	if os.IsNotExist(err) || err == nil && info.IsDir() {
		return nil
	}
	if err != nil {
		return err
	}
	return bound.CheckFile(info)
}

// path returns the file that a word names: below the script's own work folder as a relative path, else as an absolute one.
func (g *Guard) path(argument word) (name, refusal string) {
	const work = "\x00" // no path has it
	name = argument.Fill(func(variable string) string {
		switch variable {
		case workVariable:
			return work
		case FolderVariable:
			return g.Folder
		case "/":
			return string(filepath.Separator)
		}
		refusal = fmt.Sprintf("the name of a file is written out, and not taken from $%s%s", bound.Brief(variable), Allowance)
		return ""
	})
	if inner, below := strings.CutPrefix(name, work+string(filepath.Separator)); below {
		name = inner
	} else if name == work {
		name = "."
	}
	if strings.Contains(name, work) && refusal == "" {
		refusal = "$" + workVariable + " begins the name of a file, and stands nowhere else in it"
	}
	return name, refusal
}

// reserved are the variables that say where things are. No script and no answer may change them.
var reserved = []string{
	workVariable, FolderVariable, "PATH", "HOME", "home", "USERPROFILE", "TMPDIR", "TMP", "devnull", "exe", "GOTRACEBACK", "GOCOVERDIR",
	"GORACE", "/", ":", "$",
}

// IsReserved tells whether a variable is one of reserved. On Windows the names of variables have no case.
func IsReserved(name string) bool {
	return slices.ContainsFunc(reserved, func(one string) bool {
		return one == name || runtime.GOOS == "windows" && strings.EqualFold(one, name)
	})
}

// setsVariables returns which argument of env would set a variable that a script may not set.
func (g *Guard) setsVariables(arguments []word) string {
	for _, argument := range arguments {
		name, sets := argument.nameSet()
		switch {
		case !sets:
			return "the name of a variable is written out, and not taken from another one" + Allowance
		case IsReserved(name):
			return fmt.Sprintf("$%s is refused, as it belongs to the machine%s", bound.Brief(name), Allowance)
		}
	}
	return ""
}

// nameSet returns the name before the equals sign of an argument of env, or the whole of one without the sign: that is shown
// and not set, so the name of nothing. It is false where a variable may be part of the name.
func (w word) nameSet() (string, bool) {
	name := ""
	for _, piece := range w {
		before, _, found := strings.Cut(piece.text, "=")
		text, literal := word{{before, piece.quoted}}.literal()
		name += text
		if !literal || found {
			return name, literal
		}
	}
	return "", true
}
