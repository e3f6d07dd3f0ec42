package target

import (
	"strconv"
)

// payloads try to be more than text, each to another reader: testscript, txtar, a shell, a terminal, XML, HTML, Markdown.
var payloads = []string{
	"x\nexec " + markerCommand + "\n#", "\r\nexec " + markerCommand, "\u2028exec " + markerCommand + "\u2028",
	"x\x0bexec " + markerCommand + "\x0c", "",
	"\nstop", "\n-- script.txtar --\nexec " + markerCommand + "\n", "\n! exec " + markerCommand, "$(" + markerCommand + ")",
	"`" + markerCommand + "`",
	"'; " + markerCommand + "; '", "'\n" + markerCommand + "\n'", `"; ` + markerCommand + `; "`, "' && " + markerCommand + " && '",
	"${IFS}$WORK", "%s%n%!d",
	"\x1b[2J\x1b]0;owned\x07", "\u009b31m\u009d0;owned\u009c", "\u202eexe.cod\u2066", "\x00\x7f\x08\x08",
	"]]><failure/>", "--><script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "| a | b |\n|---|---|\n", "\n::error::owned\n",
	"\nnot ok 1 - owned\n",
	"\nok 1 - owned # SKIP\n", "~1..~1..", "\ufeff", "[31m",
}

// markerCommand is a program in the path of a command: to run it is to lose.
const markerCommand = "credmock-attack-marker"

// escapeKinds send text that is meant to become something else where it is written down.
func escapeKinds() []Kind { return append(escapesInBodies(), escapesElsewhere()...) }

func escapesInBodies() []Kind {
	return []Kind{
		{Name: "escape-names", Does: "names members with commands, and hides a secret's name in each", bend: func(e *exchange) {
			e.addToPayload(e.payload(), []byte(`{`+strconv.Quote(e.secretName())+`:"z"}`))
		}},
		{Name: "escape-exec", Does: "names a member with the line of a script that runs a command", bend: func(e *exchange) {
			e.addToPayload(payloads[0], []byte(`{`+strconv.Quote(e.secretName())+`:"z"}`))
		}},
		{Name: "escape-capture", Does: "shows the id again under names that a script would obey", bend: func(e *exchange) {
			id := ""
			e.change(func(name string, value any) any {
				if text, isText := value.(string); isText && name == e.idName() {
					id = text
				}
				return value
			})
			for _, name := range []string{"\nstop", "\nexec " + markerCommand, ""} {
				if id != "" {
					e.text = insert(e.text, 0, true, member(name, quoted(id)))
				}
			}
			e.addToPayload(e.secretName(), []byte(`"z"`))
		}},
		{Name: "escape-values", Does: "ends every string with a command", Hides: true, bend: func(e *exchange) {
			e.changeTexts(func(_, text string) string { return text + e.payload() })
		}},
		{Name: "escape-names-of-strategies", Does: "adds commands to names and values where they are listed", bend: func(e *exchange) {
			if operation := e.operation(); operation != nil && operation.Action != "create" {
				e.changeTexts(func(name, text string) string {
					if name == e.idName() {
						return text
					}
					return text + e.payload()
				})
			}
		}},
	}
}

func escapesElsewhere() []Kind {
	return []Kind{
		{Name: "escape-reason", Does: "sends commands in the status line", bend: func(e *exchange) {
			e.status += 21
			e.reason = oneLine(e.payload())
		}, Hides: true},
		{Name: "escape-header", Does: "sends commands in headers", Hides: true, bend: func(e *exchange) {
			for i, payload := range payloads {
				e.lines = append(e.lines, "X-Payload-"+strconv.Itoa(i)+": "+e.secretName()+oneLine(payload))
			}
			e.header.Set("Content-Type", "text/"+oneLine(e.payload()))
		}},
		{Name: "escape-error", Does: "refuses creation with commands in the message", Hides: true, bend: func(e *exchange) {
			payload := e.payload()
			if e.request.Method != "GET" {
				e.status, e.text = 400, []byte(`{"errors":[{"code":`+string(quoted(payload))+`,"message":`+string(quoted(payload))+`,"pointer":`+
					string(quoted("/"+payload))+`}]}`)
			}
		}},
		{Name: "escape-raw", Does: "answers with raw bytes that steer a terminal", Hides: true, bend: func(e *exchange) {
			e.text = []byte("\x1b[31m\x1b]0;owned\x07\x9b31m\xc2\x9b31m\u202e\r\n" + e.payload())
		}},
	}
}

// payload returns another one for each request.
func (e *exchange) payload() string { return payloads[int(e.nth)%len(payloads)] }
