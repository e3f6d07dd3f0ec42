// Package folder writes scenario files into a folder. It never writes outside the folder, not even through names and links.
package folder

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// Folder is the folder of scenario files.
type Folder struct {
	path  string
	root  *os.Root
	names map[string]bool // in lower case: some systems ignore case
	Files []string        // the names of the files, in the order of writing
}

// Open creates the folder if needed, and opens it.
func Open(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o750); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return &Folder{path: path, root: root, names: map[string]bool{}}, nil
}

// Close closes the folder.
func (f *Folder) Close() { _ = f.root.Close() } // every file in it is closed

// Write writes the scenario of a check to a file of its own. It replaces a file or link of that name and follows no link.
func (f *Folder) Write(id, text string) error {
	name := fileName(id) + ".txtar"
	if f.names[strings.ToLower(name)] {
		name = fileName(id) + "-" + digestOf(id) + ".txtar"
	}
	f.names[strings.ToLower(name)] = true
	if info, err := f.root.Lstat(name); err == nil {
		if info.IsDir() {
			return fmt.Errorf("%s is a folder; remove it, or name another folder", filepath.Join(f.path, name))
		}
		if err := f.root.Remove(name); err != nil {
			return err
		}
	}
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := file.WriteString(text); err != nil {
		_ = file.Close() // the first error is the one to return
		return err
	}
	f.Files = append(f.Files, filepath.Join(f.path, name))
	return file.Close()
}

// longestName is the length from which a file name ends in a digest: systems allow 255 bytes.
const longestName = 150

// fileName returns the id of a check as a file name for every system: only letters, digits, - and _.
func fileName(id string) string {
	name := strings.Map(func(letter rune) rune {
		switch {
		case letter == '/':
			return '-'
		case letter < 0x80 && (letter == '-' || letter == '_' || unicode.IsLetter(letter) || unicode.IsDigit(letter)):
			return letter
		}
		return '_'
	}, id)
	if len(name) > longestName {
		name = name[:longestName] + "-" + digestOf(id)
	}
	if name == "" || name[0] == '-' || reservedNames[strings.ToLower(name)] {
		name = "check-" + strings.TrimLeft(name, "-")
	}
	return name
}

// reservedNames are the device names of Windows, with any extension.
var reservedNames = map[string]bool{
	"con": true, "prn": true, "aux": true, "nul": true,
	"com1": true, "com2": true, "com3": true, "com4": true, "com5": true, "com6": true, "com7": true, "com8": true, "com9": true,
	"lpt1": true, "lpt2": true, "lpt3": true, "lpt4": true, "lpt5": true, "lpt6": true, "lpt7": true, "lpt8": true, "lpt9": true,
}

// digestOf distinguishes long or similar ids.
func digestOf(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:4])
}
