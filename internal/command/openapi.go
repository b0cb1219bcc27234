package command

import (
	"encoding/json"
	"strings"
)

// OpenAPI writes the description of every command for HTTP, as OpenAPI 3.1
// (https://spec.openapis.org/oas/v3.1.1.html). Each command has a path of its
// own there; the HTTP door takes any path.
func (r *Registry) OpenAPI(version string) []byte {
	type object = map[string]any
	text := func(about string) object { return object{"type": "string", "description": about} }
	answer := object{
		"type": "object",
		"properties": object{
			"group":   text("the configured name of the group"),
			"command": text("the command's name as it was sent"),
			"data":    object{"type": "array", "items": object{"type": "string"}, "description": "the result; in form-encoded answers one comma-separated list (RFC 4180)"},
			"error":   text("what went wrong"),
			"status":  text("the number of the error"),
			"success": object{"type": "string", "enum": []string{"True", "False"}},
			"time":    object{"type": "string", "format": "date-time", "description": "when the command ended, UTC"},
		},
		"required":             []string{"success"},
		"additionalProperties": object{"type": "string", "description": "keys of the request that are no parameters come back unchanged"},
	}
	content := func(schema object) object {
		return object{"application/json": object{"schema": schema}, "application/x-www-form-urlencoded": object{"schema": schema}}
	}
	ref := object{"$ref": "#/components/schemas/Answer"}
	paths := object{}
	for _, c := range r.sorted {
		properties := object{
			"command":  object{"const": c.Name},
			"group":    text("the group's name, in any case, or UUID"),
			"password": text("the group's password"),
			"timeout":  text("longest wait for the grid, in milliseconds"),
			"sift":     text("steps that reduce the data of the answer"),
			"callback": object{"type": "string", "format": "uri", "description": "where the answer is posted as well"},
		}
		required := []string{"command", "group", "password"}
		for _, i := range c.Infos() {
			properties[i.Name] = i.schema()
			if i.Required {
				required = append(required, i.Name)
			}
		}
		description := append([]string{c.Summary}, c.Notes...)
		if c.Permission != 0 {
			description = append(description, "Permission: "+strings.Join(c.Permission.Names(), " and ")+".")
		}
		if c.Result != "" {
			description = append(description, "Data: "+c.Result+".")
		}
		for _, relative := range r.Family(c) {
			description = append(description, "See also: "+relative.Name+" ("+relative.Kin+").")
		}
		paths["/"+c.Name] = object{"post": object{
			"operationId": c.Name,
			"summary":     c.Summary,
			"description": strings.Join(description, "\n"),
			"tags":        []string{c.Topic},
			"requestBody": object{"required": true, "content": content(object{"type": "object", "properties": properties, "required": required})},
			"responses": object{
				"200":     object{"description": "the agent's answer, success=False included", "content": content(ref)},
				"default": object{"description": "why the command was not run", "content": content(ref)},
			},
		}}
	}
	document, err := json.MarshalIndent(object{
		"openapi": "3.1.0",
		"info": object{
			"title":       "Rookery",
			"version":     version,
			"description": "Commands to a scripted agent. Every command is a POST request; the path is for people and tools, the key command decides.",
		},
		"paths":      paths,
		"components": object{"schemas": object{"Answer": answer}},
	}, "", "  ")
	if err != nil {
		panic(err) // texts and maps always encode
	}
	return document
}

// schema describes one key in JSON Schema. All values travel as text.
func (i Info) schema() map[string]any {
	about := i.About
	if i.Default != "" {
		about += " Default: " + i.Default + "."
	}
	s := map[string]any{"type": "string", "description": strings.TrimSpace("(" + i.Type + ") " + about)}
	switch {
	case len(i.Values) > 0 && i.Type != "list":
		s["examples"] = i.Values // not enum: they are matched in any case
	case i.Type == "list":
		s["type"] = []string{"string", "array"}
		s["items"] = map[string]any{"type": "string"}
	case i.Type == "uuid":
		s["format"] = "uuid"
	}
	return s
}
