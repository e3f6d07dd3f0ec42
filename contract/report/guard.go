package report

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/leak"
)

// SecretError says that a report was not written because it would have shown a secret.
type SecretError struct {
	// Format is the format of the report.
	Format string
	// Secret is the label of the secret, never its value.
	Secret string
}

func (e *SecretError) Error() string {
	return fmt.Sprintf("the %s report was not written: it would have shown a secret (%s); please report this as a fault of credmock",
		e.Format, e.Secret)
}

// guarded writes a report as a whole or not at all: it searches the output for every secret of the run first.
func guarded(w io.Writer, format string, report Report, write func(io.Writer, Report) error) error {
	var rendered bytes.Buffer
	if err := write(&rendered, report); err != nil {
		return err
	}
	if secret := report.shows(rendered.String(), write); secret != "" {
		return &SecretError{Format: format, Secret: secret}
	}
	_, err := w.Write(rendered.Bytes())
	return err
}

// shows returns the label of a secret in the text, or "". It also searches texts from elsewhere before escaping, since escapes
// could split a secret. A token may be a plain word, such as "token": it is no secret if the report's own words have it too.
func (r Report) shows(text string, write func(io.Writer, Report) error) string {
	if r.Detector == nil {
		return ""
	}
	seen := r.Detector.ScanEscaped(text + "\n" + r.foreign())
	if len(seen) == 0 {
		return ""
	}
	own := r.ownWords()
	var words bytes.Buffer
	if err := write(&words, own); err != nil {
		return seen[0].Secret.Label
	}
	harmless := r.Detector.ScanEscaped(words.String() + "\n" + own.foreign())
	for _, sighting := range seen {
		same := func(other leak.Sighting) bool { return other.Secret == sighting.Secret }
		if !slices.ContainsFunc(harmless, same) {
			return sighting.Secret.Label
		}
	}
	return ""
}

// foreign returns every text of the report from elsewhere, one a line.
func (r Report) foreign() string {
	texts := []string{r.Target, r.Reason}
	texts = append(append(append(texts, r.Accept...), r.LeftBehind...), r.told()...)
	for _, entry := range r.Stale {
		texts = append(texts, entry.ID, entry.Why)
	}
	for _, capability := range r.Capabilities {
		texts = append(texts, capability.Provenance)
	}
	for _, check := range r.Checks {
		texts = append(texts, check.Reason, check.Known)
		for _, finding := range check.Findings {
			texts = append(texts, finding.Seen, finding.Owed, finding.Where, finding.Reproduce)
		}
	}
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), "\n")
}

// ownWords returns the report with a dot in place of each text, or part of a text, from elsewhere.
func (r Report) ownWords() Report {
	own := r
	own.Target, own.Reason, own.Accept = ".", orDot(r.Reason, r.ownReason), nil
	own.LeftBehind = slices.Repeat([]string{"."}, len(r.LeftBehind))
	own.Stale = slices.Clone(r.Stale)
	for i, entry := range own.Stale {
		own.Stale[i] = StaleEntry{ID: ".", Why: orDot(entry.Why, entry.ownWhy)}
	}
	own.Capabilities = slices.Clone(r.Capabilities)
	for i, capability := range own.Capabilities {
		own.Capabilities[i] = Capability{Name: ".", Provenance: orDot(capability.Provenance, capability.provenance.Own())}
	}
	own.Checks = slices.Clone(r.Checks)
	for i := range own.Checks {
		own.Checks[i].blank()
	}
	return own
}

func (r *Result) blank() {
	r.Reason, r.Known = orDot(r.Reason, r.ownReason), orDot(r.Known, "")
	r.Findings = slices.Clone(r.Findings)
	for i, finding := range r.Findings {
		r.Findings[i] = Finding{Seen: ".", Owed: ".", Where: ".", Reproduce: orDot(finding.Reproduce, finding.ownReproduce)}
	}
}

// orDot returns the own part of a text, a dot if it has none, and "" for "".
func orDot(text, own string) string {
	if text == "" || own != "" {
		return own
	}
	return "."
}

// formatted is text that already has the form of a report. It is written unchanged.
type formatted string

// escaped returns the arguments of a format with every text escaped, except for formatted ones.
func escaped(arguments []any, escape func(foreign.Text) string) []any {
	list := make([]any, len(arguments))
	for i, argument := range arguments {
		switch argument := argument.(type) {
		case formatted:
			list[i] = string(argument)
		case error:
			list[i] = escape(foreign.Text(argument.Error()))
		default:
			list[i] = argument
			if value := reflect.ValueOf(argument); value.Kind() == reflect.String {
				list[i] = escape(foreign.Text(value.String()))
			}
		}
	}
	return list
}

// printed returns a copy of a value in which every text is printable and has one line, except for fields with the tag
// print:"lines".
func printed[T any](value T) T {
	return printedValue(reflect.ValueOf(&value).Elem(), foreign.Text.Console).Interface().(T)
}

func printedValue(value reflect.Value, escape func(foreign.Text) string) reflect.Value {
	copied := reflect.New(value.Type()).Elem()
	copied.Set(value)
	switch value.Kind() { //nolint:exhaustive // the rest holds no text
	case reflect.String:
		copied.SetString(escape(foreign.Text(value.String())))
	case reflect.Pointer:
		if !value.IsNil() {
			copied.Set(reflect.New(value.Type().Elem()))
			copied.Elem().Set(printedValue(value.Elem(), escape))
		}
	case reflect.Slice:
		if !value.IsNil() {
			copied.Set(reflect.MakeSlice(value.Type(), value.Len(), value.Len()))
		}
		for i := range value.Len() {
			copied.Index(i).Set(printedValue(value.Index(i), escape))
		}
	case reflect.Struct:
		for i := range value.NumField() {
			field := value.Type().Field(i)
			if !field.IsExported() || field.Tag.Get("json") == "-" {
				continue // no report shows it
			}
			escape := escape
			if field.Tag.Get("print") == "lines" {
				escape = foreign.Text.ConsoleLines
			}
			copied.Field(i).Set(printedValue(value.Field(i), escape))
		}
	}
	return copied
}
