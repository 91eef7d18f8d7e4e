package charm

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// maxTemplate is how long a mail's template may be.
const maxTemplate = 1 << 20

// template reads the body of verification mails, where it is of use.
func (o *observer) template(ctx context.Context) error {
	if !o.world.Options.Verification {
		return nil
	}
	path, err := o.Tools.ResourceGet(ctx, verificationResource)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	text, err := readUpTo(path, maxTemplate)
	if err != nil {
		return fault.New(fault.Internal, "cannot read the resource %s", verificationResource).Because(err)
	}
	if len(text) > maxTemplate {
		o.Tell(ctx, fmt.Sprintf("the resource %s is not used: it is longer than %d bytes", verificationResource, maxTemplate))
		return nil
	}
	o.world.VerificationTemplate = string(text)
	return nil
}

// readUpTo reads a file; of a longer one, a byte more than the limit.
func readUpTo(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, limit+1))
}

// program reads this program, where it is to serve the pages in the container.
func (o *observer) program(context.Context) (err error) {
	if o.world.builtinUI() {
		o.world.Program, err = o.Program()
	}
	return err
}
