package target

import (
	"strconv"
	"strings"
)

// prefixes are what some kinds put before every id. The server takes them off again, so that a command goes on with them.
var prefixes = map[string]string{
	"id-path": "../../../../etc/", "id-exec": "x\nexec " + markerCommand + "\n#",
	"id-shell":    "';" + markerCommand + ";'$(" + markerCommand + ")",
	"id-terminal": "\x1b[2J\u202e\u009b", "id-query": "?a=b&c#", "id-script": "$WORK [unix] ", "id-spread": " ' \" \\ ",
}

// idPrefix returns what a kind puts before ids; for one that puts nothing, what stands in no path.
func idPrefix(kind string, small bool) string {
	if kind == "id-long" {
		if small {
			return strings.Repeat("i", 20_000)
		}
		return strings.Repeat("i", 1<<20)
	}
	if prefix := prefixes[kind]; prefix != "" {
		return prefix
	}
	return "\x00no prefix"
}

// idKinds give ids that are awkward to hold.
func idKinds() []Kind {
	kinds := []Kind{
		{Name: "id-changes", Does: "shows another id at each read", Hides: true, bend: func(e *exchange) {
			e.changeIDs(func(id string) string { return id + "-" + strconv.FormatInt(e.nth, 10) })
		}},
		{Name: "id-empty", Does: "shows empty ids", Hides: true, bend: func(e *exchange) { e.changeIDs(func(string) string { return "" }) }},
		{Name: "id-dots", Does: "shows .. as every id", Hides: true,
			bend: func(e *exchange) { e.changeIDs(func(string) string { return ".." }) }},
		{Name: "id-same", Does: "shows one id for everything", Hides: true,
			bend: func(e *exchange) { e.changeIDs(func(string) string { return "1" }) }},
	}
	for _, row := range []struct{ name, does string }{
		{"id-path", "shows ids that are paths"}, {"id-exec", "shows ids with a line that is a command"},
		{"id-shell", "shows ids with a shell's syntax"},
		{"id-terminal", "shows ids that steer a terminal"}, {"id-query", "shows ids that look like a query"},
		{"id-script", "shows ids with a script's syntax"},
		{"id-spread", "shows ids with blanks and quotes"}, {"id-long", "shows ids of a megabyte"},
	} {
		kinds = append(kinds, Kind{Name: row.name, Does: row.does, Hides: true, bend: func(e *exchange) {
			e.changeIDs(func(id string) string { return idPrefix(row.name, e.small) + id })
		}})
	}
	return kinds
}

func (e *exchange) changeIDs(with func(string) string) {
	e.changeTexts(func(name, text string) string {
		if name == e.idName() {
			return with(text)
		}
		return text
	})
	e.header.Del("Location")
}

// listKinds list more than there is.
func listKinds() []Kind {
	isList := func(e *exchange) bool {
		operation := e.operation()
		return operation != nil && operation.Action == "list" && e.status == 200
	}
	lengthen := func(e *exchange, item string, times int) {
		at := strings.Index(string(e.text), "[")
		if at < 0 {
			return
		}
		more := strings.Repeat(item+",", times) + item
		if rest := strings.TrimSpace(string(e.text[at+1:])); !strings.HasPrefix(rest, "]") {
			more += ","
		}
		e.text = []byte(string(e.text[:at+1]) + more + string(e.text[at+1:]))
	}
	return []Kind{
		{Name: "list-million", Does: "lists a million items", Hides: true, bend: func(e *exchange) {
			if isList(e) {
				lengthen(e, "{}", e.size(5000, 1_000_000))
			}
		}},
		{Name: "list-grows", Does: "lists more at each read", Hides: true, bend: func(e *exchange) {
			if isList(e) {
				lengthen(e, `{"`+e.idName()+`":"`+strconv.FormatInt(e.nth, 10)+`"}`, int(e.nth)*e.size(10, 300))
			}
		}},
	}
}
