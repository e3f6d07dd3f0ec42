package report

import (
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/credmock/credmock/internal/foreign"
	"github.com/credmock/credmock/internal/leak"
)

// guarded writes a report as a whole. A text that would show a secret of the run is left out, and the report says so.
func guarded(w io.Writer, report Report, write func(io.Writer, Report) error) error {
	rendered, err := report.rendered(write)
	if err != nil {
		return err
	}
	if seen := report.sightings(rendered); len(seen) > 0 {
		if rendered, err = report.renderedWithout(seen, write); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, rendered)
	return err
}

func (r Report) rendered(write func(io.Writer, Report) error) (string, error) {
	var text strings.Builder
	err := write(&text, r)
	return text.String(), err
}

// sightings returns the secrets in a text or in what the report has from elsewhere, since escapes could split a secret.
func (r Report) sightings(text string) []leak.Sighting {
	if r.Detector == nil {
		return nil
	}
	return r.Detector.ScanEscaped(text + "\n" + r.foreign())
}

// renderedWithout returns the report without the texts in which secrets were seen, or if that is not enough, without any text from
// elsewhere. A token may be a plain word, such as "token": it is no secret if the report's own words have it too.
func (r Report) renderedWithout(seen []leak.Sighting, write func(io.Writer, Report) error) (string, error) {
	own := r.ownWords(".")
	words, err := own.rendered(write)
	if err != nil {
		return "", err
	}
	harmless := map[leak.Secret]bool{}
	for _, sighting := range own.sightings(words) {
		harmless[sighting.Secret] = true
	}
	isSecret := func(sighting leak.Sighting) bool { return !harmless[sighting.Secret] }
	if !slices.ContainsFunc(seen, isSecret) {
		return r.rendered(write)
	}
	clean := r.withTexts(func(text, own string) string {
		found := r.Detector.ScanEscaped(text)
		if at := slices.IndexFunc(found, isSecret); at >= 0 {
			return leftOut(own, found[at].Secret.Label)
		}
		return text
	})
	rendered, err := clean.rendered(write)
	if err == nil && slices.ContainsFunc(clean.sightings(rendered), isSecret) {
		rendered, err = r.ownWords("(left out, for a secret stood in the report)").rendered(write) // a secret in two texts
	}
	return rendered, err
}

// leftOut returns the own part of a text that held a secret, and says so.
func leftOut(own, label string) string {
	if own == "" {
		return "(left out: it held " + label + ")"
	}
	return own + " (a part is left out: it held " + label + ")"
}

// foreign returns every text of the report from elsewhere, one a line.
func (r Report) foreign() string {
	var texts []string
	r.withTexts(func(text, _ string) string {
		texts = append(texts, text)
		return text
	})
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), "\n")
}

// ownWords returns the report with a sign in place of each text, or part of a text, from elsewhere.
func (r Report) ownWords(sign string) Report {
	return r.withTexts(func(text, own string) string {
		if text == "" || own != "" {
			return own
		}
		return sign
	})
}

// withTexts returns a copy of the report in which change has replaced every text from elsewhere. change gets the text and its own
// part, which may be empty.
func (r Report) withTexts(change func(text, own string) string) Report {
	all := func(texts []string) []string {
		changed := slices.Clone(texts)
		for i, text := range changed {
			changed[i] = change(text, "")
		}
		return changed
	}
	r.Target, r.Reason = change(r.Target, ""), change(r.Reason, r.ownReason)
	r.Accept, r.LeftBehind, r.Notes = all(r.Accept), all(r.LeftBehind), all(r.Notes)
	r.Stale = slices.Clone(r.Stale)
	for i, entry := range r.Stale {
		r.Stale[i].ID, r.Stale[i].Why = change(entry.ID, ""), change(entry.Why, entry.ownWhy)
	}
	r.Capabilities = slices.Clone(r.Capabilities)
	for i, capability := range r.Capabilities {
		r.Capabilities[i].Provenance = change(capability.Provenance, capability.provenance.Own())
	}
	r.Causes = slices.Clone(r.Causes)
	for i := range r.Causes {
		r.Causes[i].Places = all(r.Causes[i].Places)
		r.Causes[i].Finding.changeTexts(change)
	}
	r.Checks = slices.Clone(r.Checks)
	for i := range r.Checks {
		r.Checks[i].changeTexts(change)
	}
	return r
}

func (r *Result) changeTexts(change func(text, own string) string) {
	r.Reason, r.Known = change(r.Reason, r.ownReason), change(r.Known, "")
	r.Findings = slices.Clone(r.Findings)
	for i := range r.Findings {
		r.Findings[i].changeTexts(change)
	}
}

func (f *Finding) changeTexts(change func(text, own string) string) {
	f.Seen, f.Owed, f.Where = change(f.Seen, ""), change(f.Owed, ""), change(f.Where, "")
	f.Reproduce, f.Answer = change(f.Reproduce, f.ownReproduce), change(f.Answer, "")
	f.Steps = slices.Clone(f.Steps)
	for i, step := range f.Steps {
		f.Steps[i] = change(step, "")
	}
	if f.Difference != nil {
		changed := *f.Difference
		changed.Member, changed.Seen, changed.Owed = change(changed.Member, ""), change(changed.Seen, ""), change(changed.Owed, "")
		f.Difference = &changed
	}
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
