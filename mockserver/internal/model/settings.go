package model

import (
	"strconv"
	"strings"

	"github.com/credmock/credmock"
	"github.com/credmock/credmock/mockserver/internal/store"
)

// Settings are the fields of a credential by their purpose in a request, which the document names with x-request-role.
type Settings struct {
	*store.Record
	Variant *Variant
}

// SettingsOf returns the settings of a credential of this variant.
func (v *Variant) SettingsOf(r *store.Record) *Settings { return &Settings{Record: r, Variant: v} }

// property returns the field with a role, or nil.
func (s *Settings) property(role string) *credmock.Property {
	for _, property := range s.Variant.Create.Properties() {
		if property.RequestRole == role && role != "" {
			return property
		}
	}
	return nil
}

// Name returns the name of the field with a role, for messages. Without such a field it returns the role.
func (s *Settings) Name(role string) string {
	if property := s.property(role); property != nil {
		return property.Name
	}
	return role
}

// IsSecret reports whether the field with a role is never shown.
func (s *Settings) IsSecret(role string) bool {
	property := s.property(role)
	return property == nil || property.Secret // a field without a description may be secret
}

// Text returns a field as text; empty if it is not set.
func (s *Settings) Text(role string) string {
	property := s.property(role)
	if property == nil {
		return ""
	}
	switch value := s.Values[property.Name].(type) {
	case string:
		return value
	case bool:
		return strconv.FormatBool(value)
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	return ""
}

// TextOr returns a field as text, or the usual text if it is not set.
func (s *Settings) TextOr(role, usual string) string {
	if text := s.Text(role); text != "" {
		return text
	}
	return usual
}

// On returns a boolean field, which the contract also allows as a string.
func (s *Settings) On(role string) bool {
	return strings.EqualFold(strings.TrimSpace(s.Text(role)), "true")
}

// List returns a field that is a list of texts, or a text with the items separated by blanks.
func (s *Settings) List(role string) []string {
	property := s.property(role)
	if property == nil {
		return nil
	}
	values, isList := s.Values[property.Name].([]any)
	if !isList {
		return strings.Fields(s.Text(role))
	}
	var listed []string
	for _, value := range values {
		if text, isText := value.(string); isText {
			listed = append(listed, text)
		}
	}
	return listed
}
