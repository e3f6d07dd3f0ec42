package wire

import (
	"context"
	"fmt"
	"testing"
)

func TestRoomIsAcquiredInTurn(t *testing.T) {
	room := newRoom(4 * Mebibyte)
	leave, err := room.acquire(t.Context(), 100*Mebibyte) // more than there is takes everything
	if err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := room.acquire(ended, 1); err == nil {
		t.Error("there is room where none is")
	}
	waiting := make(chan error)
	go func() {
		again, err := room.acquire(t.Context(), 3*Mebibyte)
		again()
		waiting <- err
	}()
	leave()
	if err := <-waiting; err != nil {
		t.Error(err)
	}
	if len(room.units) > 0 || len(room.entry) > 0 {
		t.Error("room was not given back")
	}
}

func TestSightingsOfAKindAreBounded(t *testing.T) {
	e := &Exchange{}
	for i := range 100 {
		one := Leak{Place: fmt.Sprint("header ", i)}
		one.Secret.Label = "a secret"
		e.noteLeak(one)
		e.noteLeak(one)
	}
	if len(e.Leaks) != maxAlike {
		t.Errorf("%d are kept", len(e.Leaks))
	}
}
