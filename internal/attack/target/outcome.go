package target

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/credmock/credmock/internal/leak"
)

// Outcome is what became of one command against one target.
type Outcome struct {
	Kind    string
	Command string
	Sound   bool // the kind only looks hostile
	Hides   bool // the kind hides what was created

	Exit    int
	Ended   bool          // it had to be killed
	Failure string        // it could not be run
	Took    time.Duration // from its start to its end
	Limit   time.Duration // that it was given
	Grace   time.Duration // how far beyond that it may end; if 0, ten seconds
	Peak    int64         // of its memory, in bytes
	Outputs map[string][]byte
	Marked  bool // a text of the target became a command
	Strayed int  // requests to another host that brought a secret along
	Left    int  // things that it created and that are still there

	secrets *leak.Detector
	judged  bool
	broken  []string // once it is judged
}

// exitCodes are those that verify and run may end with, beside 2: the command line of an attack is sound.
var exitCodes = []int{0, 1, 3, 4, 5, 130}

// Broken says which bounds were broken; nothing where all held. The outputs are searched once.
func (o *Outcome) Broken() []string {
	if !o.judged {
		o.judged, o.broken = true, o.judge()
	}
	return o.broken
}

func (o *Outcome) judge() []string {
	var broken []string
	say := func(is bool, format string, arguments ...any) {
		if is {
			broken = append(broken, fmt.Sprintf(format, arguments...))
		}
	}
	say(o.Failure != "", "could not be run: %s", o.Failure)
	say(o.Ended, "had to be killed after %s with %d MiB", o.Took.Round(time.Second), o.Peak>>20)
	say(!o.Ended && !slices.Contains(exitCodes, o.Exit), "exit code %d", o.Exit)
	say(o.Sound && o.Exit != 0, "exit code %d of a sound target", o.Exit)
	say(o.Took > o.Limit+cmp.Or(o.Grace, overtimeBound), "%s beyond its time", (o.Took - o.Limit).Round(time.Second))
	say(o.Peak > peakBound, "%d MiB of memory", o.Peak>>20)
	say(o.Marked, "a text of the target became a command")
	say(o.Strayed > 0, "%d requests brought a secret to another host", o.Strayed)
	say(o.Left > 0 && !o.Hides && !o.tells(), "left %d things behind without a word", o.Left)
	for _, name := range slices.Sorted(maps.Keys(o.Outputs)) {
		for _, fault := range o.faultsOf(o.Outputs[name]) {
			broken = append(broken, name+" "+fault)
		}
	}
	return broken
}

// tells tells whether the command said that something was left.
func (o *Outcome) tells() bool {
	return o.Exit == 5 || bytes.Contains(o.Outputs["standard output"], []byte("left behind"))
}

// faultsOf says what is wrong with a text that the command wrote.
func (o *Outcome) faultsOf(text []byte) []string {
	var faults []string
	if len(text) > outputBound {
		faults = append(faults, "is longer than "+fmt.Sprint(outputBound>>20)+" MiB")
		text = text[:outputBound]
	}
	for _, crash := range []string{"goroutine 1 [", "fatal error: ", "panic: ", "[recovered]"} {
		if at := bytes.Index(text, []byte(crash)); at >= 0 && (at == 0 || text[at-1] == '\n') {
			faults = append(faults, "has the trace of a crash")
			break
		}
	}
	if at := controlIn(text); at >= 0 {
		faults = append(faults, fmt.Sprintf("has a raw control character: %+q", around(text, at)))
	}
	if o.secrets != nil {
		for _, sighting := range o.secrets.Scan(string(text)) {
			if sighting.Certain {
				faults = append(faults, "holds "+sighting.Secret.Label+", "+sighting.Form)
				break
			}
		}
	}
	return faults
}

// controlIn returns where a text has what steers a terminal or the direction of text, or what is no UTF-8; -1 for nowhere.
func controlIn(text []byte) int {
	for at := 0; at < len(text); {
		letter, length := utf8.DecodeRune(text[at:])
		if letter == utf8.RuneError && length == 1 || isControl(letter) {
			return at
		}
		at += length
	}
	return -1
}

func isControl(letter rune) bool {
	switch {
	case letter == '\n' || letter == '\t':
		return false
	case letter < ' ' || letter >= 0x7f && letter < 0xa0:
		return true
	}
	return letter == 0x200e || letter == 0x200f || letter >= 0x2028 && letter <= 0x202e || letter >= 0x2066 && letter <= 0x2069
}

func around(text []byte, at int) string {
	return strings.ToValidUTF8(string(text[max(0, at-20):min(len(text), at+20)]), "\ufffd")
}
