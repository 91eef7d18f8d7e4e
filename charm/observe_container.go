package charm

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// versionLimit is how long the program may take to tell its version.
const versionLimit = 10 * time.Second

// container asks Pebble. Without all of its answers the container counts as not
// there yet.
func (o *observer) container(ctx context.Context) {
	c, err := o.askPebble(ctx)
	if err == nil {
		o.world.Container = c
		return
	}
	if !errors.Is(err, pebble.ErrNotReady) {
		o.Tell(ctx, err.Error())
	}
}

func (o *observer) askPebble(ctx context.Context) (c Container, err error) {
	if _, err := bounded(ctx, o.Pebble.System); err != nil {
		return Container{}, err
	}
	c.Ready = true
	if c.Plan, err = bounded(ctx, o.Pebble.Plan); err != nil {
		return Container{}, err
	}
	services := func(ctx context.Context) (map[string]pebble.ServiceStatus, error) { return o.Pebble.Services(ctx) }
	if c.Services, err = bounded(ctx, services); err != nil {
		return Container{}, err
	}
	checks := func(ctx context.Context) (map[string]pebble.CheckStatus, error) { return o.Pebble.Checks(ctx) }
	if c.Checks, err = bounded(ctx, checks); err != nil {
		return Container{}, err
	}
	if c.Config, err = o.file(ctx, configPath); err != nil {
		return Container{}, err
	}
	memory, err := o.file(ctx, memoryPath)
	if err != nil {
		return Container{}, err
	}
	c.Memory = readMemory(memory)
	return c, o.version(ctx, &c)
}

// file reads a file of the container; one that is not there is empty.
func (o *observer) file(ctx context.Context, path string) ([]byte, error) {
	content, err := bounded(ctx, func(ctx context.Context) ([]byte, error) { return o.Pebble.ReadFile(ctx, path) })
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	return content, err
}

// readMemory reads what an earlier pass left. What cannot be read is forgotten.
func readMemory(text []byte) Memory {
	var m Memory
	if json.Unmarshal(text, &m) != nil {
		return Memory{}
	}
	return m
}

// version takes the program's version from the plan, where an earlier pass has
// left it, or runs the program for it. One that does not tell has none: that is
// no reason to take the container for lost, unless Pebble itself is gone.
func (o *observer) version(ctx context.Context, c *Container) error {
	known, ok := c.Plan.Services[serviceKratos].Environment[versionVariable]
	if ok {
		c.Version = known
		return nil
	}
	c.VersionAsked = true
	out, err := o.Pebble.Exec(ctx, pebble.Command{Args: []string{"kratos", "version"}, Timeout: versionLimit})
	switch {
	case errors.Is(err, pebble.ErrNotReady):
		return err
	case err != nil:
		o.Tell(ctx, err.Error())
		c.Mute = true
	case out.Code != 0:
		c.Mute = true
	default:
		c.Version = readVersion(out.Stdout)
	}
	return nil
}

// readVersion finds the version in what kratos version prints, with the suffix
// of a release before the release. A program that was built without one says
// something else there.
func readVersion(text []byte) string {
	found := regexp.MustCompile(`(?m)^Version:\s+(v\d+\.\d+\.\d+(?:[-+]\S*)?)(?:\s|$)`).FindSubmatch(text)
	if found == nil {
		return ""
	}
	return string(found[1])
}
