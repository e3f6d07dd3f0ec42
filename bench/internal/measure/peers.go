package measure

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"

	"example.com/bench/internal/process"
	"example.com/bench/internal/record"
)

// exampleID is the id of the credential in the examples of the document, which peers answer.
const exampleID = "0b6ff5f4-6f0f-4b25-9f8e-3c1d3f0a9f11"

// startPeers starts mock servers of other makes on the same document, if node is there and npm has installed them. A peer that does not
// start is left out.
func (b *bench) startPeers(ctx context.Context) (peers []*server) {
	if !b.Peers {
		return nil
	}
	document, bin := filepath.Join(b.Root, "openapi.yaml"), filepath.Join(b.Root, "bench", "node_modules", ".bin")
	if _, err := exec.LookPath("node"); err != nil || !exists(filepath.Join(bin, "prism")) || !exists(filepath.Join(bin, "mockoon-cli")) {
		b.say("  Prism and Mockoon are left out: node is missing, or npm did not install them into bench/node_modules")
		return nil
	}
	for _, start := range []func(ctx context.Context, bin, document string) (*server, error){b.startPrism, b.startMockoon} {
		peer, err := start(ctx, bin, document)
		if ctx.Err() != nil {
			return peers
		}
		if err != nil {
			b.say("  left out: %v", err)
			continue
		}
		peers = append(peers, peer)
	}
	return peers
}

func (b *bench) startPrism(ctx context.Context, bin, document string) (*server, error) {
	return b.begin(ctx, record.Prism, "", process.Command{Path: filepath.Join(bin, "prism"),
		Arguments: []string{"mock", "--host", "127.0.0.1", "--port", "0", document}, Folder: b.Out, Log: filepath.Join(b.Out, "prism.log"),
		Ready: regexp.MustCompile(`Prism is listening on http://(127\.0\.0\.1:\d+)`)})
}

func (b *bench) startMockoon(ctx context.Context, bin, document string) (*server, error) {
	port, err := freePort() // at port 0 it does not tell which one it has
	if err != nil {
		return nil, err
	}
	mockoon, err := b.begin(ctx, record.Mockoon, "/platform", process.Command{Path: filepath.Join(bin, "mockoon-cli"),
		Arguments: []string{"start", "--data", document, "--hostname", "127.0.0.1", "--port", port, "--disable-log-to-file",
			"--disable-admin-api"},
		Folder: b.Out, Log: filepath.Join(b.Out, "mockoon.log"), Ready: regexp.MustCompile(`Server started on port (\d+)`)})
	if err == nil {
		mockoon.Said = net.JoinHostPort("127.0.0.1", mockoon.Said)
	}
	return mockoon, err
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port), nil
}
