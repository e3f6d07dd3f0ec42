package main

import (
	"errors"
	"net/http"
)

// problem is an error answer in the form of RFC 9457. The contract does not define the body of an error, and recommends the version
// in it.
type problem struct {
	Type       string     `json:"type"`
	Title      string     `json:"title"`
	Status     int        `json:"status"`
	Detail     string     `json:"detail,omitempty"`
	Violations violations `json:"errors,omitempty"`
	Meta       meta       `json:"meta"`
}

func newProblem(status int, detail string) *problem {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// notFound is the answer for an unknown id. It is also the answer for an id of another organization, which must not learn
// that the id exists.
func notFound() *problem {
	return newProblem(http.StatusNotFound, "There is nothing here that you may see.")
}

func unprocessable(wrong violations) *problem {
	invalid := newProblem(http.StatusUnprocessableEntity, "Some members of the body are invalid.")
	invalid.Violations = wrong
	return invalid
}

// unreadable is the answer to a body that the server cannot read completely.
func unreadable(err error) *problem {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return newProblem(http.StatusRequestEntityTooLarge, "A body may have one mebibyte.")
	}
	return newProblem(http.StatusBadRequest, "The body could not be read.")
}
