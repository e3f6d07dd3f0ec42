// Package target is a catalogue of hostile servers, and what runs the program's commands against each and holds them to their
// bounds: of memory, of time, of what may be printed and of what may happen on the machine.
//
// Each kind of server stands before a sound mock and bends one thing, so that a command goes as deep as it can. Everything
// listens on the loopback interface alone and ends with its context.
package target
