package spec

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// flatFile is the file in which an Arazzo description looks for the flat document.
const flatFile = "clients.yaml"

// asArazzo writes the requests as workflows. What one step creates is used by those after it. A request that needs a secret of the
// user is a workflow of its own.
func asArazzo(c *collection) *yaml.Node {
	workflows, steps := list(), list()
	made := map[string]string{} // the expression for each variable that a step gave its value
	for _, call := range c.calls {
		step := arazzoStep(c, call, made)
		if len(call.secrets) == 0 {
			steps.Content = append(steps.Content, step)
			continue
		}
		workflows.Content = append(workflows.Content, mapping("workflowId", call.name, "summary", call.label,
			"inputs", arazzoInputs(call.secrets), "steps", list(step)))
	}
	examples := mapping("workflowId", "examples", "summary", "Send the examples of the document, and delete what they created.",
		"inputs", arazzoInputs([]string{"token"}), "steps", steps)
	workflows.Content = append([]*yaml.Node{examples}, workflows.Content...)
	return mapping("arazzo", "1.0.1",
		"info", mapping("title", c.title, "summary", "The examples of the document.", "version", c.version),
		"sourceDescriptions", list(mapping("name", "api", "url", flatFile, "type", "openapi")),
		"workflows", workflows)
}

func arazzoInputs(names []string) *yaml.Node {
	properties := mapping()
	for _, name := range names {
		set(properties, identifier(name), mapping("type", "string", "format", "password"))
	}
	return mapping("type", "object", "required", texts(names), "properties", properties)
}

func arazzoStep(c *collection, call *call, made map[string]string) *yaml.Node {
	parameters := list()
	for i, name := range call.parameters {
		value := text(made[call.variables[i]])
		if value.Value == "" {
			value = text(c.valueOf(call.variables[i]))
		}
		parameters.Content = append(parameters.Content, mapping("name", name, "in", "path", "value", value))
	}
	if !call.Public {
		parameters.Content = append(parameters.Content, mapping("name", "Authorization", "in", "header", "value", "Bearer {$inputs.token}"))
	}
	step := mapping("stepId", call.name, "description", call.label, "operationId", call.ID)
	if len(parameters.Content) > 0 {
		set(step, "parameters", parameters)
	}
	if call.body != nil {
		set(step, "requestBody", mapping("contentType", call.mediaType, "payload", arazzoPayload(call)))
	}
	var conditions []string
	for _, status := range call.statuses {
		conditions = append(conditions, "$statusCode == "+status)
	}
	set(step, "successCriteria", list(mapping("condition", strings.Join(conditions, " || "))))
	if call.captures != "" {
		made[call.captures] = fmt.Sprintf("$steps.%s.outputs.%s", call.name, call.captures)
		set(step, "outputs", mapping(call.captures, "$response.body#"+call.pointer))
	}
	return step
}

func arazzoPayload(call *call) *yaml.Node {
	payload := copied(call.body)
	for _, secret := range call.secrets {
		set(payload, secret, text("$inputs."+identifier(secret)))
	}
	return payload
}

func (c *collection) valueOf(name string) string {
	index := slices.IndexFunc(c.variables, func(one variable) bool { return one.name == name })
	return c.variables[index].value
}
