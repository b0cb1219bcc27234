package command

import (
	"encoding/json"
	"slices"
	"strings"
)

// OpenAPI writes the description of every command for HTTP, as OpenAPI 3.1
// (https://spec.openapis.org/oas/v3.1.1.html). Each command has a path of its
// own there; the HTTP door takes any path.
func (r *Registry) OpenAPI(version string) []byte {
	type object = map[string]any
	text := func(about string) object { return object{"type": "string", "description": about} }
	// The two media types differ in their lists and numbers: a form has texts alone.
	answer := func(data object) object {
		return object{
			"type": "object",
			"properties": object{
				"group":   text("the configured name of the group"),
				"command": text("the command's name as it was sent"),
				"data":    data,
				"error":   text("what went wrong"),
				"status":  text("the number of the error"),
				"success": object{"type": "string", "enum": []string{"True", "False"}},
				"time":    object{"type": "string", "format": "date-time", "description": "when the command ended, UTC"},
			},
			"required":             []string{"success"},
			"additionalProperties": object{"type": "string", "description": "keys of the request that are no parameters come back unchanged"},
		}
	}
	answers := object{
		mediaJSON: object{"schema": object{"$ref": "#/components/schemas/Answer"}},
		mediaForm: object{"schema": object{"$ref": "#/components/schemas/FormAnswer"}},
	}
	common := []Info{
		{Name: "group", Type: "text", Required: true, About: "the group's name, in any case, or UUID"},
		{Name: "password", Type: "text", Required: true, About: "the group's password"},
		{Name: "timeout", Type: "milliseconds", About: "longest wait for the grid"},
		{Name: "sift", Type: "list", About: "steps that reduce the data of the answer: name, argument and so on"},
		{Name: "callback", Type: "URL", About: "where the answer is posted as well"},
	}
	paths := object{}
	for _, c := range r.sorted {
		required := []string{"command"}
		asked := map[string]object{mediaJSON: {"command": object{"const": c.Name}}, mediaForm: {"command": object{"const": c.Name}}}
		for _, i := range append(common[:len(common):len(common)], c.Infos()...) {
			for media, properties := range asked {
				properties[i.Name] = i.schema(media)
			}
			if i.Required && !slices.Contains(required, i.Name) {
				required = append(required, i.Name)
			}
		}
		requests := object{}
		for media, properties := range asked {
			requests[media] = object{"schema": object{"type": "object", "properties": properties, "required": required}}
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
			"requestBody": object{"required": true, "content": requests},
			"responses": object{
				"200": object{"$ref": "#/components/responses/Answer"},
				"4XX": object{"$ref": "#/components/responses/Refusal"},
				"5XX": object{"$ref": "#/components/responses/Failure"},
			},
		}}
	}
	document, err := json.MarshalIndent(object{
		"openapi": "3.1.0",
		"info": object{
			"title":       "Rookery",
			"version":     version,
			"description": "Commands to a scripted agent. Every command is a POST request; the path is for people and tools, the key command decides.",
			"license":     object{"name": "Apache 2.0", "identifier": "Apache-2.0"},
		},
		"servers":  []object{{"url": "/"}},
		"security": []object{{}, {"door": []string{}}},
		"paths":    paths,
		"components": object{
			"schemas": object{
				"Answer":     answer(object{"type": "array", "items": object{"type": "string"}, "description": "the result"}),
				"FormAnswer": answer(text("the result, a comma-separated list (RFC 4180)")),
			},
			"responses": object{
				"Answer":  object{"description": "the agent's answer, success=False included", "content": answers},
				"Refusal": object{"description": "why the command was not run: it could not be read, or the group, its password or the door's was refused", "content": answers},
				"Failure": object{"description": "why the command was not run: the agent is not there, or there is no room", "content": answers},
			},
			"securitySchemes": object{
				"door": object{"type": "http", "scheme": "basic", "description": "asked for where the settings http.user and http.password are set"},
			},
		},
	}, "", "  ")
	if err != nil {
		panic(err) // texts and maps always encode
	}
	return document
}

// The media types of the HTTP door.
const (
	mediaJSON = "application/json"
	mediaForm = "application/x-www-form-urlencoded"
)

// schema describes one key in JSON Schema, for a media type. All values travel as
// text; JSON may write some of them its own way.
func (i Info) schema(media string) map[string]any {
	about := strings.TrimSpace("(" + i.Type + ") " + i.About)
	if i.Default != "" {
		about += ". Default: " + strings.TrimSuffix(i.Default, ".") + "."
	}
	s := map[string]any{"type": "string", "description": about}
	switch {
	case len(i.Values) > 0 && i.Type != "list":
		s["examples"] = i.Values // not enum: they are matched in any case
	case i.Type == "uuid":
		s["format"] = "uuid"
	case i.Type == "URL":
		s["format"] = "uri"
	case media == mediaForm:
	case i.Type == "list":
		s["type"] = []string{"string", "array"}
		s["items"] = map[string]any{"type": "string"}
	case i.Type == "bool":
		s["type"] = []string{"string", "boolean"}
	case i.Type == "integer", i.Type == "milliseconds":
		s["type"] = []string{"string", "integer"}
	case i.Type == "number":
		s["type"] = []string{"string", "number"}
	}
	return s
}
