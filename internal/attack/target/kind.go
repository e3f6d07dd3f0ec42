// Package target is a catalogue of hostile servers. It runs commands of the program against each, and checks their bounds: memory, time,
// output and effects on the machine.
//
// Each server wraps a sound mock and changes one part of its answers, so that a command runs as far as it can. All of them listen only on
// the loopback interface, and end with their context.
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
