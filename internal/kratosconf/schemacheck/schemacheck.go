// Package schemacheck compiles identity schemas with the compiler that Kratos
// uses, and by the rules that Kratos adds. It is apart from kratosconf because
// of what linking that compiler costs.
package schemacheck

import (
	"bytes"
	"context"
	_ "embed" // for the extension's schema
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/ory/jsonschema/v3"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

//go:embed extension.json
var extension string

// keyword is what Kratos reads in an identity schema beyond JSON Schema.
const keyword = "ory.sh/kratos"

// Check refuses an identity schema that Kratos would refuse, or would take and
// then fail every registration by. The error names the field, and where in the
// schema the reason is. It loads nothing: a $ref to another document is refused,
// since what stands there can change without anyone checking.
func Check(ctx context.Context, field string, schema []byte) error {
	if reason := check(ctx, schema); reason != nil {
		return fault.New(fault.Usage, "cannot use %s: %s", field, reason)
	}
	return nil
}

func check(ctx context.Context, schema []byte) error {
	var doc document
	if err := json.Unmarshal(schema, &doc); err != nil {
		return errors.New("the schema is not of the form that Kratos wants")
	}
	if err := doc.check(); err != nil {
		return err
	}
	compiler, err := newCompiler(ctx)
	if err != nil {
		return err
	}
	var foreign string
	compiler.LoadURL = func(_ context.Context, url string) (io.ReadCloser, error) {
		foreign = url
		return nil, errors.New("not loaded")
	}
	if err := compiler.AddResource(name, bytes.NewReader(schema)); err != nil {
		return explain(err)
	}
	_, err = compiler.Compile(ctx, name)
	switch {
	case foreign != "":
		return fmt.Errorf("$ref names another document, %q: put what it holds into the schema", foreign)
	case err != nil:
		return explain(err)
	}
	return nil
}

// name is the address of the schema for the compiler. A relative $ref resolves
// to one that is not loaded.
const name = "base64://schema"

// newCompiler gives a compiler that knows Kratos' keyword.
func newCompiler(ctx context.Context) (*jsonschema.Compiler, error) {
	const rules = "ory://identity-extension"
	c := jsonschema.NewCompiler()
	if err := c.AddResource(rules, strings.NewReader(extension)); err != nil {
		return nil, fmt.Errorf("cannot read the rules of %s: %w", keyword, err)
	}
	meta, err := c.Compile(ctx, rules)
	if err != nil {
		return nil, fmt.Errorf("cannot read the rules of %s: %w", keyword, err)
	}
	c.Extensions[keyword] = jsonschema.Extension{
		Meta:     meta,
		Compile:  func(jsonschema.CompilerContext, map[string]any) (any, error) { return nil, nil },
		Validate: func(jsonschema.ValidationContext, any, any) error { return nil },
	}
	return c, nil
}

// explain gives the innermost reason, and where in the schema it is.
func explain(err error) error {
	var broken *jsonschema.SchemaError
	if errors.As(err, &broken) { // it has no Unwrap
		err = broken.Err
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return errors.New(strings.ReplaceAll(err.Error(), name, ""))
	}
	for len(invalid.Causes) > 0 {
		invalid = invalid.Causes[0]
	}
	return fmt.Errorf("%s: %s", invalid.InstancePtr, invalid.Message)
}

// document is what Kratos wants of an identity schema beyond JSON Schema.
type document struct {
	Properties struct {
		Traits *struct {
			Type       *string          `json:"type"`
			Properties map[string]trait `json:"properties"`
		} `json:"traits"`
	} `json:"properties"`
}

type trait struct {
	Format *string `json:"format"`
	Kratos struct {
		Verification json.RawMessage `json:"verification"`
	} `json:"ory.sh/kratos"`
}

func (d document) check() error {
	traits := d.Properties.Traits
	switch {
	case traits == nil:
		return errors.New("the schema has no properties.traits")
	case len(traits.Properties) == 0:
		return errors.New("the schema has nothing in properties.traits.properties")
	case traits.Type != nil && *traits.Type != "object":
		return errors.New("the schema's properties.traits is not of the type object")
	}
	for _, name := range slices.Sorted(maps.Keys(traits.Properties)) {
		if !traits.Properties[name].canVerify() {
			return fmt.Errorf("the trait %q is to be verified, and its format is none that Kratos can verify", name)
		}
	}
	return nil
}

// canVerify tells that a trait is of a format to verify, or is not to be.
func (t trait) canVerify() bool {
	formats := []string{"email", "tel", "date", "time", "date-time", "no-validate"}
	return t.Kratos.Verification == nil || t.Format == nil || slices.Contains(formats, *t.Format)
}
