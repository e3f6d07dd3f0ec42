package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/credmock/credmock/cmd/credmock/internal/command"
	"github.com/credmock/credmock/internal/attack/client"
)

// The tokens that the mock under attack knows.
const (
	engineerToken = "attack-engineer-q7Zk2mVx9TfLw4Rb"
	viewerToken   = "attack-viewer-n3Hs8dYc6GpJu1Ea"
)

// serving is the mock as the program serves it, in this process: so its memory and its goroutines can be counted.
type serving struct {
	root string
	log  *client.Watch
	end  context.CancelFunc
	code chan int
}

// serve runs the command serve until its context ends.
func serve(ctx context.Context) (*serving, error) {
	s := &serving{log: &client.Watch{}, code: make(chan int, 1)}
	ctx, s.end = context.WithCancel(ctx)
	read, write := io.Pipe()
	arguments := []string{"serve", "--addr", "127.0.0.1:0", "--log", "json", "--token", engineerToken, "--viewer-token", viewerToken}
	go func() {
		s.code <- command.Main(ctx, arguments, func(string) (string, bool) { return "", false }, strings.NewReader(""), write, s.log)
		_ = write.Close()
	}()
	line, err := bufio.NewReader(read).ReadString('\n')
	base, isBase := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !isBase {
		s.end()
		return nil, errors.New("the mock does not start")
	}
	s.root = base[:strings.LastIndex(base, "/")]
	return s, nil
}

// stop ends the mock, and tells whether it ended in order and in time.
func (s *serving) stop() error {
	s.end()
	select {
	case code := <-s.code:
		if code != 0 {
			return errors.New("the mock did not end in order")
		}
		return nil
	case <-time.After(20 * time.Second):
		return errors.New("the mock does not end")
	}
}
