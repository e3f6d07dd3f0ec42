package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// root is the folder of the repository.
const root = "../.."

// folder is a temporary folder for the built program.
var folder string

// build builds the program once, for all tests.
var build = sync.OnceValue(func() error {
	output, err := exec.Command("go", "build", "-ldflags", "-s -w", "-o", filepath.Join(folder, "credmock"), ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, output)
	}
	return err
})

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "credmock-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(folder) // the code of the tests matters more
	os.Exit(code)
}

// programFolder returns the folder with the built program.
func programFolder(t *testing.T) string {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	return folder
}

// program returns the path of the program, which is built once.
func program(t *testing.T) string {
	t.Helper()
	return filepath.Join(programFolder(t), "credmock")
}

// credmock runs the program and returns its standard output. It must exit with 0.
func credmock(t *testing.T, arguments ...string) string {
	t.Helper()
	output, err := exec.Command(filepath.Join(programFolder(t), "credmock"), arguments...).Output()
	if err != nil {
		t.Fatalf("credmock %q: %v", arguments, err)
	}
	return string(output)
}
