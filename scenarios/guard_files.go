package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// readsFiles returns which of the arguments is no file that a script may read.
func (g *guard) readsFiles(arguments []word) string {
	for _, argument := range arguments {
		if fault := g.reads(argument); fault != "" {
			return fault
		}
	}
	return ""
}

// readsLast holds the last argument alone to being a file: those before it are an expression.
func (g *guard) readsLast(arguments []word) string {
	return g.readsFiles(arguments[max(0, len(arguments)-1):])
}

// writesFiles returns which of the arguments is no file that a script may write.
func (g *guard) writesFiles(arguments []word) string {
	for _, argument := range arguments {
		name, fault := g.path(argument)
		if fault == "" && !filepath.IsLocal(name) {
			fault = fmt.Sprintf("%s is refused, as it is no file of the script%s", brief(name), allowance)
		}
		if fault != "" {
			return fault
		}
	}
	return ""
}

// reads returns why a word is no file that a script may read.
func (g *guard) reads(argument word) string {
	name, fault := g.path(argument)
	if fault != "" || filepath.IsLocal(name) {
		return fault
	}
	inner, err := filepath.Rel(g.folder, name)
	if !filepath.IsAbs(name) || err != nil || !filepath.IsLocal(inner) {
		return fmt.Sprintf("%s is refused, as it is neither a file of the script nor one beside it%s", brief(name), allowance)
	}
	// A script can make no link, so what a link beside it points at now is what will be read.
	if err := g.stat(inner); err != nil {
		return fmt.Sprintf("%s is refused: %s%s", brief(name), reason(err), allowance)
	}
	return ""
}

// stat returns why what lies beside the script is not read. What is not there does no harm, nor does a folder.
func (g *guard) stat(name string) error {
	root, err := os.OpenRoot(g.folder)
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
	return checkFile(info)
}

// path returns the file that a word names: below the script's own work folder as a relative path, else as an absolute one.
func (g *guard) path(argument word) (name, fault string) {
	const work = "\x00" // no path has it
	name = argument.fill(func(variable string) string {
		switch variable {
		case workVariable:
			return work
		case folderVariable:
			return g.folder
		case "/":
			return string(filepath.Separator)
		}
		fault = fmt.Sprintf("the name of a file is written out, and not taken from $%s%s", brief(variable), allowance)
		return ""
	})
	if inner, below := strings.CutPrefix(name, work+string(filepath.Separator)); below {
		name = inner
	} else if name == work {
		name = "."
	}
	if strings.Contains(name, work) && fault == "" {
		fault = "$" + workVariable + " begins the name of a file, and stands nowhere else in it"
	}
	return name, fault
}

// reserved are the variables that say where things are. No script and no answer may change them.
var reserved = []string{
	workVariable, folderVariable, "PATH", "HOME", "home", "USERPROFILE", "TMPDIR", "TMP", "devnull", "exe", "GOTRACEBACK", "GOCOVERDIR",
	"GORACE", "/", ":", "$",
}

// isReserved tells whether a variable is one of reserved. On Windows the names of variables have no case.
func isReserved(name string) bool {
	return slices.ContainsFunc(reserved, func(one string) bool {
		return one == name || runtime.GOOS == "windows" && strings.EqualFold(one, name)
	})
}

// setsVariables returns which argument of env would set a variable that a script may not set.
func (g *guard) setsVariables(arguments []word) string {
	for _, argument := range arguments {
		name, sets := argument.nameSet()
		switch {
		case !sets:
			return "the name of a variable is written out, and not taken from another one" + allowance
		case isReserved(name):
			return fmt.Sprintf("$%s is refused, as it belongs to the machine%s", brief(name), allowance)
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
