package mockserver

import (
	"strings"
	"testing"
)

// The layout keeps every value, and a fault marks its own line, or that of what should have held it.
func TestBodyIsMarkedAtThePointer(t *testing.T) {
	body := `{"a":{"b/c":[1,{"d":null}],"e":{}},"list":[],"f":"x"}`
	for pointer, owed := range map[string]string{
		"/f": `"f": "x"`, "/a": `"a": {`, "/a/b~1c/1/d": `"d": null`, "/a/b~1c/0": "1", "/a/e/missing/deep": `"e": {}`,
		"/none": "{", "/a/b~1c/7": `"b/c": [`, "/list/0": `"list": []`, "": "", "nonsense": "",
	} {
		lines := uiLines([]byte(body))
		marked := uiMark(lines, shownFault{Message: "why", Pointer: pointer}, "id")
		seen := ""
		for _, line := range lines {
			if len(line.Marks) > 0 {
				seen += strings.TrimPrefix(line.Name+": "+line.Value, ": ")
			}
		}
		if seen != owed || marked != (owed != "") {
			t.Errorf("%q marks %q, owed %q", pointer, seen, owed)
		}
	}
}

func TestBodyIsLaidOut(t *testing.T) {
	var text strings.Builder
	for _, line := range uiLines([]byte(`{"a":[1,{"b":"<x>"}],"c":{}}`)) {
		text.WriteString(line.Indent + line.Name + line.Value)
		if line.Comma {
			text.WriteString(",")
		}
		text.WriteString("\n")
	}
	owed := "{\n  \"a\"[\n    1,\n    {\n      \"b\"\"<x>\"\n    }\n  ],\n  \"c\"{}\n}\n"
	if text.String() != owed {
		t.Errorf("%s\nowed\n%s", text.String(), owed)
	}
	for _, broken := range []string{"", "{", `{"a"`, `[1`, `{"a":}`, "no"} {
		if uiLines([]byte(broken)) != nil {
			t.Errorf("%q is laid out", broken)
		}
	}
}
