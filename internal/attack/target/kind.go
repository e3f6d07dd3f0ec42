// Package target has a catalogue of hostile servers. It runs the program's commands against each and checks their bounds:
// memory, time, output and effects on the machine.
//
// Each kind of server wraps a sound mock and changes one thing, so that a command gets as far as it can. All servers listen on
// loopback only and end with their context.
package target

import "slices"

// Kind is one way in which a server is hostile.
type Kind struct {
	Name string
	Does string // one clause, after the name
	// Sound means that a command must report nothing: the kind only looks hostile.
	Sound bool
	// Hides means that created records cannot be known or deleted through the target, so a command need not report them.
	Hides bool

	scheme string          // http if empty
	bend   func(*exchange) // changes the answer of the mock, or writes another
	meet   func(*meeting)  // takes over a connection before it is read; nil reads requests
}

// Kinds returns every kind, in the order of the table.
func Kinds() []Kind {
	return slices.Concat(soundKinds(), wireKinds, headerKinds, slowKinds, structureKinds(), valueKinds(), compressedKinds,
		redirectKinds(), refusalKinds(), echoKinds, escapeKinds, idKinds(), listKinds())
}

func soundKinds() []Kind {
	return []Kind{{Name: "sound", Does: "passes everything on as it is", Sound: true, bend: func(*exchange) {}}}
}
