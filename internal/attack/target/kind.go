// Package target is a catalogue of hostile servers, and what runs the program's commands against each and holds them to their
// bounds: of memory, of time, of what may be printed and of what may happen on the machine.
//
// Each kind of server stands before a sound mock and bends one thing, so that a command goes as deep as it can. Everything
// listens on the loopback interface alone and ends with its context.
package target

import "slices"

// Kind is one way in which a server is hostile.
type Kind struct {
	Name string
	Does string // one clause, after the name
	// Sound tells that a command must find nothing: the kind only looks hostile.
	Sound bool
	// Hides tells that what was created cannot be known or deleted through the target, so nobody can be asked to tell of it.
	Hides bool

	scheme string          // http where it is empty
	bend   func(*exchange) // changes the answer of the mock, or writes one of its own
	meet   func(*meeting)  // takes a connection before anything is read from it; nil reads requests
}

// Kinds returns every kind, in the order of the table.
func Kinds() []Kind {
	return slices.Concat(soundKinds(), wireKinds(), headerKinds(), slowKinds(), structureKinds(), valueKinds(), compressedKinds(),
		redirectKinds(), refusalKinds(), echoKinds(), escapeKinds(), idKinds(), listKinds())
}

func soundKinds() []Kind {
	return []Kind{{Name: "sound", Does: "passes everything on as it is", Sound: true, bend: func(*exchange) {}}}
}
