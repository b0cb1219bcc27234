package catalog_test

import (
	"encoding/json"
	"testing"

	"rookery/internal/command/catalog"
)

func TestOpenAPIDescribesEveryCommandAndParameter(t *testing.T) {
	t.Parallel()
	registry := catalog.New()
	var document struct {
		OpenAPI string `json:"openapi"`
		Info    struct{ Version string }
		Paths   map[string]struct {
			Post struct {
				OperationID string `json:"operationId"`
				RequestBody struct {
					Content map[string]struct {
						Schema struct {
							Properties map[string]map[string]any
							Required   []string
						}
					}
				}
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
		schema := post.RequestBody.Content["application/json"].Schema
		if post.OperationID != c.Name || schema.Properties["command"]["const"] != c.Name {
			t.Errorf("%s is not described", c.Name)
		}
		for _, i := range c.Infos() {
			if schema.Properties[i.Name]["description"] == "" || schema.Properties[i.Name] == nil {
				t.Errorf("%s: the parameter %s is not described", c.Name, i.Name)
			}
		}
	}
}
