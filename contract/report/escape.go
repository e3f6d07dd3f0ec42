package report

import (
	"reflect"

	"github.com/credmock/credmock/internal/foreign"
)

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
