package command

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/contract/report"
)

// readFile reads a file that a flag names, or says in one sentence why it cannot be read.
func readFile(flag, name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, usage("--%s: %s", flag, fileFault(name, err))
	}
	return data, nil
}

// writeFault says why a file cannot be written.
func writeFault(name string, err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return name + " cannot be written: its folder is not there"
	}
	return fileFault(name, err)
}

func fileFault(name string, err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no file " + name
	case errors.Is(err, fs.ErrPermission):
		return name + " may not be opened"
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return name + " cannot be opened: " + err.Error()
}

// addAuthority adds the flag of a command that sends requests to a target of many.
func addAuthority(command *cobra.Command, authority *string) {
	command.Flags().StringVar(authority, "ca", "", "`FILE` with a certificate authority to trust, as --tls-ca of serve writes it")
}

// connections is how many connections to a target are kept: a handshake for every request would take longer than the
// request.
const connections = 16

// transportOf returns what trusts the certificate authority in a file of --ca, for many requests; nil without one, which
// stands for whatever the caller has.
func transportOf(authority string) (http.RoundTripper, error) {
	if authority == "" {
		return nil, nil
	}
	transport, err := trusting(authority)
	if err != nil {
		return nil, err
	}
	transport.DisableKeepAlives, transport.MaxIdleConnsPerHost = false, connections
	return transport, nil
}

// loadSpec loads the document of --spec, or the embedded one.
func loadSpec(name string) (*credmock.Spec, error) {
	if name == "" {
		return credmock.Default(), nil
	}
	data, err := readFile("spec", name)
	if err != nil {
		return nil, err
	}
	spec, err := credmock.Load(data)
	if err != nil {
		return nil, usage("--spec: %s does not load: %s", name, oneLine(err.Error()))
	}
	return spec, nil
}

// loadKnown reads the ledger of --known; without one nothing is known.
func loadKnown(name string) ([]report.KnownFailure, error) {
	if name == "" {
		return nil, nil
	}
	data, err := readFile("known", name)
	if err != nil {
		return nil, err
	}
	known, err := report.ReadKnown(bytes.NewReader(data))
	if err != nil {
		return nil, usage("--known: %s: %s", name, oneLine(err.Error()))
	}
	return known, nil
}

// startFault says why a mock cannot start. Every fault of its fixtures has a line of its own, with the file's name.
func startFault(err error, fixtures string) error {
	faults := strings.ReplaceAll(err.Error(), "fixtures: ", fixtures+": ")
	if strings.Contains(faults, "\n") {
		faults = "\n  " + strings.ReplaceAll(faults, "\n", "\n  ")
	} else {
		faults = " " + faults
	}
	return usage("the mock cannot start:%s", faults)
}

// oneLine joins the lines of a message.
func oneLine(text string) string {
	return strings.Join(strings.Split(strings.TrimSpace(text), "\n"), "; ")
}
