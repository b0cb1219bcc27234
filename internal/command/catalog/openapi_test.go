package catalog_test

import (
	"encoding/json"
	"slices"
	"testing"

	"rookery/internal/command/catalog"
)

func TestOpenAPIDescribesEveryCommandAndParameter(t *testing.T) {
	t.Parallel()
	registry := catalog.New()
	type media struct {
		Schema struct {
			Properties map[string]struct {
				Const, Description string
				Type               any
			}
			Required []string
		}
	}
	var document struct {
		OpenAPI string `json:"openapi"`
		Info    struct{ Version string }
		Paths   map[string]struct {
			Post struct {
				OperationID string `json:"operationId"`
				RequestBody struct{ Content map[string]media }
			}
		}
	}
	if err := json.Unmarshal(registry.OpenAPI("1.2.3"), &document); err != nil {
		t.Fatal(err)
	}
	if document.OpenAPI != "3.1.0" || document.Info.Version != "1.2.3" || len(document.Paths) != len(registry.All()) {
		t.Errorf("OpenAPI %s, version %s, %d paths for %d commands", document.OpenAPI, document.Info.Version, len(document.Paths), len(registry.All()))
	}
	for _, c := range registry.All() {
		post := document.Paths["/"+c.Name].Post
		if post.OperationID != c.Name || len(post.RequestBody.Content) != 2 {
			t.Errorf("%s is not described", c.Name)
		}
		for media, content := range post.RequestBody.Content {
			schema := content.Schema
			if schema.Properties["command"].Const != c.Name {
				t.Errorf("%s as %s: its name is not described", c.Name, media)
			}
			required := []string{"command", "group", "password"}
			for _, i := range c.Infos() {
				if schema.Properties[i.Name].Description == "" {
					t.Errorf("%s as %s: the parameter %s is not described", c.Name, media, i.Name)
				}
				if i.Required && !slices.Contains(required, i.Name) {
					required = append(required, i.Name)
				}
			}
			if !slices.Equal(schema.Required, required) {
				t.Errorf("%s as %s: required are %q, want %q", c.Name, media, schema.Required, required)
			}
			for name, property := range schema.Properties {
				if media != "application/json" && name != "command" && property.Type != "string" {
					t.Errorf("%s as %s: %s is %v, and forms have texts alone", c.Name, media, name, property.Type)
				}
			}
		}
	}
}
