package inspector

import (
	"strings"
	"testing"

	"github.com/credmock/credmock/mockserver/internal/admin"
	"github.com/credmock/credmock/mockserver/internal/journal"
)

// The layout keeps every value, and a violation marks its own line or the line that lacks the member.
func TestBodyIsMarkedAtThePointer(t *testing.T) {
	body := `{"a":{"b/c":[1,{"d":null}],"e":{}},"list":[],"f":"x"}`
	for pointer, want := range map[string]string{
		"/f": `"f": "x"`, "/a": `"a": {`, "/a/b~1c/1/d": `"d": null`, "/a/b~1c/0": "1", "/a/e/missing/deep": `"e": {}`,
		"/none": "{", "/a/b~1c/7": `"b/c": [`, "/list/0": `"list": []`, "": "", "nonsense": "",
	} {
		lines := uiLines([]byte(body))
		marked := uiMark(lines, journal.Violation{Message: "why", Pointer: pointer}, "id")
		seen := ""
		for _, line := range lines {
			if len(line.Marks) > 0 {
				seen += strings.TrimPrefix(line.Name+": "+line.Value, ": ")
			}
		}
		if seen != want || marked != (want != "") {
			t.Errorf("%q marks %q, want %q", pointer, seen, want)
		}
	}
}

// A violation without a pointer marks an unknown member, whose name the journal does not keep.
func TestUnknownMembersAreMarked(t *testing.T) {
	lines := uiLines([]byte(`{"[unknown 1]":"[masked]","[unknown 2]":1,"name":"n"}`))
	violation := journal.Violation{Code: "unknown-member", Message: "why"}
	for i, want := range []bool{true, true, false} {
		if marked := uiMark(lines, violation, "id"); marked != want {
			t.Errorf("violation %d is marked: %t", i+1, marked)
		}
	}
	if len(lines[1].Marks) != 1 || len(lines[2].Marks) != 1 || len(lines[3].Marks) != 0 {
		t.Errorf("%+v", lines)
	}
}

// A line for curl has a variable for each value that the journal does not keep, and every value stays one argument.
func TestCurlLines(t *testing.T) {
	message := func(body string, headers ...string) admin.Message {
		made := admin.Message{Headers: map[string]string{}, Body: []byte(body), Bytes: len(body)}
		for i := 0; i < len(headers); i += 2 {
			made.Headers[headers[i]] = headers[i+1]
		}
		return made
	}
	for want, asked := range map[string]admin.Exchange{
		`curl --request GET 'http://h/p/v1/x' --header "Authorization: Bearer $TOKEN"`: {Method: "GET", Path: "/p/v1/x?[masked]",
			Request: message("", "Authorization", "[masked]", "User-Agent", "u")},
		`curl --head 'http://h/p/{id}' --globoff`: {Method: "HEAD", Path: "/p/{id}"},
		`curl --request POST 'http://h/p' --header 'Prefer: it'\''s' ` +
			`--data-binary '{"clientSecret":"'"$CLIENT_SECRET"'","name":"it'\''s","list":["[masked]"],"a b":"[masked]"}'`: {
			Method: "POST", Path: "/p",
			Request: message(`{"clientSecret":"[masked]","name":"it's","list":["[masked]"],"a b":"[masked]"}`, "Prefer", "it's", "Accept",
				"[masked]")},
		`curl --request POST 'http://h/p' --data-binary @body.json`: {Method: "POST", Path: "/p", Request: admin.Message{Bytes: 7}},
	} {
		if line := strings.ReplaceAll(uiRow(asked, "http://h").Curl, " \\\n ", ""); line != want {
			t.Errorf("%s\nwant\n%s", line, want)
		}
	}
}

func TestBodyIsFormatted(t *testing.T) {
	var text strings.Builder
	for _, line := range uiLines([]byte(`{"a":[1,{"b":"<x>"}],"c":{}}`)) {
		text.WriteString(line.Indent + line.Name + line.Value)
		if line.Comma {
			text.WriteString(",")
		}
		text.WriteString("\n")
	}
	want := "{\n  \"a\"[\n    1,\n    {\n      \"b\"\"<x>\"\n    }\n  ],\n  \"c\"{}\n}\n"
	if text.String() != want {
		t.Errorf("%s\nwant\n%s", text.String(), want)
	}
	for _, broken := range []string{"", "{", `{"a"`, `[1`, `{"a":}`, "no"} {
		if uiLines([]byte(broken)) != nil {
			t.Errorf("%q is formatted", broken)
		}
	}
}
