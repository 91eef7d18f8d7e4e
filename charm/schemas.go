package charm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf/schemacheck"
)

// The keys in the ConfigMaps that the Admin UI edits.
const (
	keyDefaultSchema = "default.schema"
	keyProviderList  = "idps.json"
)

// identitySchemas gives the schemas and the default among them: those of the
// option, else of the ConfigMap, else the built-in ones, which stay available
// behind the others.
func identitySchemas(o Options, maps *ConfigMapData) (kratosconf.Identity, error) {
	field, schemas, byDefault, err := chosenSchemas(o, maps)
	if err != nil {
		return kratosconf.Identity{}, err
	}
	for _, s := range schemas {
		if err := schemacheck.Check(context.Background(), fmt.Sprintf("%s: %q", field, s.ID), s.JSON); err != nil {
			return kratosconf.Identity{}, err
		}
	}
	schemas = kratosconf.WithBuiltIn(schemas)
	defaultField := field + ": " + keyDefaultSchema
	if o.DefaultSchemaID != "" {
		defaultField, byDefault = "default_identity_schema_id", o.DefaultSchemaID
	}
	if err := kratosconf.CheckDefaultSchema(defaultField, byDefault, schemas); err != nil {
		return kratosconf.Identity{}, err
	}
	return kratosconf.Identity{DefaultSchemaID: byDefault, Schemas: kratosconf.Inline(schemas)}, nil
}

// chosenSchemas gives the schemas of the first source that has any, without the
// built-in ones, what to call that source, and its own default.
func chosenSchemas(o Options, m *ConfigMapData) (field string, schemas []kratosconf.Schema, byDefault string, err error) {
	switch {
	case o.IdentitySchemas != "" && o.DefaultSchemaID == "":
		return "", nil, "", errors.New("cannot use identity_schemas: default_identity_schema_id is not set")
	case o.IdentitySchemas != "":
		field = "identity_schemas"
		schemas, err = kratosconf.ParseSchemas(field, o.IdentitySchemas)
		return field, schemas, "", err
	case m != nil && len(m.Schemas) > 0:
		field = "the ConfigMap of identity schemas"
		schemas, byDefault = mapSchemas(m.Schemas)
		return field, schemas, byDefault, nil
	}
	return "the identity schemas", nil, kratosconf.SocialUserSchema, nil
}

// mapSchemas takes a ConfigMap apart, in the order of the ids.
func mapSchemas(data map[string]string) (schemas []kratosconf.Schema, byDefault string) {
	for _, id := range slices.Sorted(maps.Keys(data)) {
		if id == keyDefaultSchema {
			byDefault = data[id]
			continue
		}
		schemas = append(schemas, kratosconf.Schema{ID: id, JSON: []byte(data[id])})
	}
	return schemas, byDefault
}

// mapProviders reads the providers of the ConfigMap: a list in JSON, or in YAML
// as some write it by hand. The reader's own errors are dropped: they repeat
// values, and a client_secret is among them.
func mapProviders(data map[string]string) ([]kratosconf.Provider, error) {
	text := data[keyProviderList]
	if text == "" {
		return nil, nil
	}
	var providers []kratosconf.Provider
	if json.Unmarshal([]byte(text), &providers) == nil {
		return providers, nil
	}
	providers = nil
	if yaml.Unmarshal([]byte(text), &providers) != nil {
		return nil, fmt.Errorf("cannot use the ConfigMap of providers: its %s is not a list of providers in JSON", keyProviderList)
	}
	return providers, nil
}
