package inspector

import (
	"net/http"
	"strings"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/lazy"
	"github.com/credmock/credmock/mockserver/internal/censor"
	"github.com/credmock/credmock/mockserver/internal/outbound"
	"github.com/credmock/credmock/mockserver/internal/serve"
)

// curlHeaders are the headers that a line for curl repeats. The journal does not keep Authorization, and curl sets User-Agent.
var curlHeaders = []string{"Accept", "Content-Type", "Origin", "Prefer"}

// asCurl returns a shell command that sends the request again, with a variable for each value that is not kept.
func (e *uiExchange) asCurl(host string) string {
	path, _, _ := strings.Cut(e.Path, "?") // the query is not kept
	to := foreign.Text(host + path).Shell()
	parts := []string{"curl --request " + e.Method + " " + to} // the method is a known one
	if e.Method == http.MethodHead {
		parts[0] = "curl --head " + to
	}
	if strings.ContainsAny(path, "{[") {
		parts = append(parts, "--globoff") // otherwise curl expands the braces of the placeholder
	}
	if e.Request.Headers["Authorization"] != "" {
		value := "Bearer $TOKEN"
		if e.Operation == serve.DeliveryID { // it may be signed
			value = "$AUTHORIZATION"
		}
		parts = append(parts, `--header "Authorization: `+value+`"`)
	}
	for _, name := range curlHeaders {
		if value := e.Request.Headers[name]; value != "" && value != string(censor.MaskText) {
			parts = append(parts, "--header "+foreign.Text(name+": "+value).Shell())
		}
	}
	switch {
	case uiAll(e.Sent) && e.Request.Body.Kind() == '{':
		parts = append(parts, "--data-binary "+e.bodyForShell())
	case e.Request.Bytes > 0:
		parts = append(parts, "--data-binary @body.json")
	}
	return strings.Join(parts, " \\\n  ")
}

// bodyForShell returns the body in single quotes, interrupted by a variable for each secret.
func (e *uiExchange) bodyForShell() string {
	var text strings.Builder
	text.WriteByte('\'')
	for _, line := range e.Sent { // which contain no control characters
		value := line.Value
		text.WriteString(shellInner(line.Name))
		if line.Name != "" {
			text.WriteByte(':')
		}
		if name := strings.Trim(line.Name, `"`); value == `"`+string(censor.MaskText)+`"` && shellName().MatchString(name) {
			text.WriteString(`"'` + outbound.ShellVariable(name) + `'"`)
		} else {
			text.WriteString(shellInner(value))
		}
		if line.Comma {
			text.WriteByte(',')
		}
	}
	text.WriteByte('\'')
	return text.String()
}

// shellInner escapes a text within single quotes.
func shellInner(text string) string {
	quoted := foreign.Text(text).Shell()
	return quoted[1 : len(quoted)-1]
}

// shellName matches member names that can be names of shell variables.
var shellName = lazy.Regexp(`^[A-Za-z_][A-Za-z0-9_]*$`)
