package output

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// errLink is the error of a symbolic link: anybody who can write to the folder chooses where it leads.
var errLink = errors.New("it is a symbolic link, and none is followed; name the file itself")

// checkPlace says why a file cannot be written under a name; nil where it can, or is not there. It follows no link.
func checkPlace(name string) error {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return errLink
	case info.IsDir():
		return errors.New("is a directory")
	case !info.Mode().IsRegular():
		return errors.New("it is no file")
	}
	return nil
}

// partFile is a file under a name that nobody guesses, which is to take the place of another one.
type partFile struct {
	file       *os.File
	name, part string
}

// createPart makes a file beside the place where its text is to be. The error says why there can be none. A file that is there
// gives its mode to the new one.
func createPart(name string, mode fs.FileMode) (*partFile, error) {
	if err := checkPlace(name); err != nil {
		return nil, err
	}
	if earlier, err := os.OpenFile(name, os.O_WRONLY, 0); err == nil {
		if info, err := earlier.Stat(); err == nil {
			mode = info.Mode().Perm()
		}
		_ = earlier.Close() // nothing was written to it
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err // one that may not be written is not replaced either
	}
	part := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+"."+rand.Text()[:12])
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, err
	}
	return &partFile{file, name, part}, nil
}

// put writes the text and puts the file in its place.
func (p *partFile) put(text []byte) error {
	_, err := p.file.Write(text)
	if err = errors.Join(err, p.file.Close()); err == nil {
		err = os.Rename(p.part, p.name)
	}
	if err != nil {
		_ = os.Remove(p.part) // the error is returned
	}
	p.file = nil
	return err
}

// Discard removes the file where it was not put in its place.
func (p *partFile) Discard() {
	if p.file != nil {
		_ = errors.Join(p.file.Close(), os.Remove(p.part)) // an empty file left behind harms nobody
		p.file = nil
	}
}

// WriteWhole writes a file that appears as a whole, in place of one that is there. It follows no link.
func WriteWhole(name string, text []byte, mode fs.FileMode) error {
	part, err := createPart(name, mode)
	if err != nil {
		return err
	}
	return part.put(text)
}

// CanWrite says why a file cannot be written; nil if it can.
func CanWrite(name string) error {
	part, err := createPart(name, 0o600)
	if err == nil {
		part.Discard()
	}
	return err
}

// IsStream tells whether a name is a device or a pipe, to which text goes at once. Below /dev the standard streams are links.
func IsStream(name string) bool {
	look := os.Lstat
	if full, err := filepath.Abs(name); err == nil && strings.HasPrefix(full, "/dev/") {
		look = os.Stat
	}
	info, err := look(name)
	return err == nil && info.Mode()&(fs.ModeDevice|fs.ModeNamedPipe|fs.ModeSocket) != 0
}

// mostOfOurs is how large a file can be that an earlier run of this program wrote.
const mostOfOurs = 64 << 10

// ReadOurs reads a file that an earlier run may have written. It follows no link, and reads no device and nothing large.
func ReadOurs(name string) ([]byte, error) {
	if err := checkPlace(name); err != nil {
		return nil, err
	}
	if info, err := os.Lstat(name); err == nil && info.Size() > mostOfOurs {
		return nil, errors.New("it is larger than any file of this kind")
	}
	return os.ReadFile(name)
}
