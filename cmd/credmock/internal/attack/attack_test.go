package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"
)

// TestTheMockUnderAttack is a short run of what make attack does for long.
func TestTheMockUnderAttack(t *testing.T) {
	t.Parallel()
	held(t, "-requests", "3000", "-targets", "")
}

// few are hostile targets, one of every sort: answers that are cut, endless, deep, slow, compressed, odd, elsewhere, long, echoes or
// escapes.
const few = `^(sound|dies|endless-body|deep-member|never-answers|gzip-bomb|invalid-utf8|429-centuries|redirect-host|` +
	`echo-base64|escape-exec|id-terminal|list-million)$`

// TestTheCommandsUnderAttack has a few hostile targets, with small sizes and short times. Targets that are slow wait beside each other.
// A machine that is busy with other tests may take its time; make attack has all targets, and does not grant that.
func TestTheCommandsUnderAttack(t *testing.T) {
	if testing.Short() {
		t.Skip("hostile targets wait: make proof has them")
	}
	t.Chdir("../../../..")  // the program is built, and its scenarios are
	t.Setenv("GOGC", "100") // the program uses as much memory as anywhere
	held(t, "-requests", "0", "-short", "-timeout", "2s", "-grace", "1m", "-at-once", "6", "-targets", few)
}

func held(t *testing.T, arguments ...string) {
	t.Helper()
	var out, log bytes.Buffer
	if code := attack(t.Context(), arguments, &out, &log); code != 0 {
		t.Errorf("exit code %d\n%s%s", code, log.String(), onlyBroken(out.String()))
	}
}

// onlyBroken leaves out of a table what held.
func onlyBroken(table string) string {
	var kept []string
	for line := range strings.Lines(table) {
		if !strings.HasSuffix(line, "MiB  ok\n") && !strings.HasSuffix(line, "requests sent\n") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

func TestFlags(t *testing.T) {
	var out, log bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, arguments := range [][]string{{"-no-such-flag"}, {"-requests", "0", "-targets", "("}} {
		if code := attack(ctx, arguments, &out, &log); code != 2 || log.Len() == 0 {
			t.Errorf("%q: exit code %d, and says %q", arguments, code, log.String())
		}
		log.Reset()
	}
	// Nothing that is attacked is nothing that is sound.
	if code := attack(ctx, []string{"-requests", "0", "-targets", "^no such kind$", "-short"}, &out, &log); code == 0 {
		t.Error("an attack on nothing is called sound")
	}
}
