package client

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// small are values that fit no member, or hardly.
var small = []json.RawMessage{
	json.RawMessage("null"), json.RawMessage("true"), json.RawMessage("0"), json.RawMessage("-1"), json.RawMessage("1e308"),
	json.RawMessage("1e999"),
	json.RawMessage("123456789012345678901234567890"), json.RawMessage("-0.0"), json.RawMessage(`""`), json.RawMessage(`" "`),
	json.RawMessage(`"\u0000\u001b[2J"`),
	json.RawMessage(`"\u202e\u2028"`), json.RawMessage("[]"), json.RawMessage("{}"), json.RawMessage("[null,[],{}]"),
	json.RawMessage(strings.Repeat("[", 70) + strings.Repeat("]", 70)),
	json.RawMessage(strings.Repeat(`{"a":`, 30) + "1" + strings.Repeat("}", 30)), json.RawMessage(`"` + strings.Repeat("é", 2000) + `"`),
	json.RawMessage(`"http://127.0.0.1:1/"`),
	json.RawMessage(`["a","a"]`), json.RawMessage(`"9999-12-31T23:59:59Z"`),
}

// large are values that cost whoever reads them.
var large = []json.RawMessage{
	json.RawMessage(strings.Repeat("[", 511) + strings.Repeat("]", 511)), json.RawMessage(strings.Repeat("[", 513) + strings.Repeat("]", 513)),
	json.RawMessage(strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)), json.RawMessage(`"` + strings.Repeat("a", 30_000) + `"`),
	json.RawMessage(`"` + strings.Repeat("a", 1_100_000) + `"`), json.RawMessage("[" + strings.Repeat("[],", 5000) + "[]]"),
	json.RawMessage("[" + strings.Repeat("1,", 10_000) + "1]"),
	json.RawMessage("[" + strings.Repeat(`"",`, 10_000) + `""]`), json.RawMessage("[" + strings.Repeat(`{"a":"b"},`, 3000) + "{}]"),
	json.RawMessage("1" + strings.Repeat("0", 30_000)),
	json.RawMessage(`"` + strings.Repeat(`\u0041`, 20_000) + `"`),
}

// bodyFor returns a body for an operation: sound but for canaries, or with something wrong.
func (w *worker) bodyFor(operation string) []byte {
	forms := w.pool.bodies[operation]
	if len(forms) == 0 {
		return nil
	}
	form := forms[w.random.IntN(len(forms))]
	members := maps.Clone(form.members)
	for _, name := range form.secrets {
		if _, there := members[name]; there {
			members[name] = w.canary()
		}
	}
	if w.oneIn(3) {
		return encoded(members)
	}
	for range 1 + w.random.IntN(3) {
		w.spoil(members, form)
	}
	return w.spoilText(marshal(members))
}

// marshal encodes members whose values may be encoded already, and need not be JSON.
func marshal(members map[string]any) []byte {
	var text bytes.Buffer
	text.WriteByte('{')
	for i, name := range slices.Sorted(maps.Keys(members)) {
		if i > 0 {
			text.WriteByte(',')
		}
		key, _ := json.Marshal(name) // a string always has a form
		text.Write(key)
		text.WriteByte(':')
		if raw, isRaw := members[name].(json.RawMessage); isRaw {
			text.Write(raw)
			continue
		}
		value, err := json.Marshal(members[name])
		if err != nil {
			value = []byte("null")
		}
		text.Write(value)
	}
	text.WriteByte('}')
	return text.Bytes()
}

// spoil changes one member. A canary goes where none may come back: into secrets, under names that nothing knows, and into values
// of a wrong type.
func (w *worker) spoil(members map[string]any, form *body) {
	names := slices.Sorted(maps.Keys(members))
	if len(names) == 0 {
		return
	}
	name := names[w.random.IntN(len(names))]
	switch w.random.IntN(9) {
	case 0, 1:
		delete(members, name)
	case 2, 3:
		members[name] = small[w.random.IntN(len(small))]
	case 4:
		members[w.canary()] = w.canary()
	case 5:
		members[pick(w, "id", "createdAt", "__proto__", "", "a/b~c", "\u202e", name+" ", strings.ToUpper(name))] = []any{w.canary()}
	case 6:
		if len(form.texts) > 0 {
			members[form.texts[w.random.IntN(len(form.texts))]] = pick[any](w, []any{w.canary()}, map[string]any{w.canary(): w.canary()})
		}
	case 7:
		if len(form.secrets) > 0 {
			members[form.secrets[w.random.IntN(len(form.secrets))]] = pick[any](w, w.canary()+"\n\x1b", []any{w.canary()}, 7, "  "+w.canary()+"  ",
				"")
		}
	case 8:
		if w.oneIn(60) {
			members[name] = large[w.random.IntN(len(large))]
		}
	}
}

// spoilText changes the encoding itself.
func (w *worker) spoilText(text []byte) []byte {
	switch w.random.IntN(14) {
	case 0:
		return text[:w.random.IntN(len(text)+1)]
	case 1:
		text[w.random.IntN(len(text))] = byte(w.random.IntN(256))
		if bytes.Contains(text, markBytes) { // what was a secret may be a name now, or stand in what may be shown
			return text[:len(text)/2]
		}
		return text
	case 2:
		return append(text, pick(w, "x", "{}", "\x00", ",", "\n\n", "\xff", `"`+mark+`"`)...)
	case 3:
		return append([]byte(pick(w, "\xef\xbb\xbf", " \n", "[", "\xff\xfe", "null", ")]}',\n")), text...)
	case 4:
		return append([]byte(`{"`+w.canary()+`":1,"`+"\xff"+`":2,`), text[1:]...)
	case 5:
		return append(text[:len(text)-1:len(text)-1], append([]byte(","), text[1:]...)...) // every member twice
	}
	return text
}

func gzipped(text []byte) []byte {
	var made bytes.Buffer
	writer := gzip.NewWriter(&made)
	_, _ = writer.Write(text) // a buffer takes everything
	_ = writer.Close()
	return made.Bytes()
}
