package main

import (
	"errors"
	"net/http"
)

// problem is an error answer in the form of RFC 9457. The contract leaves the body of an error open.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail,omitempty"`
	Faults    faults `json:"errors,omitempty"`
	RequestID string `json:"requestId"`
}

func newProblem(status int, detail string) *problem {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// notFound is also the answer for what belongs to another organization: whether it exists is nobody else's business.
func notFound() *problem {
	return newProblem(http.StatusNotFound, "There is nothing here that you may see.")
}

func unprocessable(wrong faults) *problem {
	invalid := newProblem(http.StatusUnprocessableEntity, "Some members of the body are not right.")
	invalid.Faults = wrong
	return invalid
}

// unreadable is the answer to a body that could not be read to its end.
func unreadable(err error) *problem {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return newProblem(http.StatusRequestEntityTooLarge, "A body may have one mebibyte.")
	}
	return newProblem(http.StatusBadRequest, "The body could not be read.")
}
