package page

import (
	"fmt"
	"html/template"
	"strings"
)

// Brand is how an operator makes the pages their own.
type Brand struct {
	Name   string // in titles and in place of a logo; "" for a neutral one
	Logo   string // a path of this origin ("/logo.svg"), or data:image/...;base64,...
	Colour string // #rrggbb; "" for the pages' own
	Footer string // a line of text under each page
}

var dataImage = lazily(`^data:image/(png|svg\+xml|jpeg|gif|webp);base64,[A-Za-z0-9+/]+=*$`)

// check gives the assets that pages of the brand name.
func (b Brand) check() (assetNames, error) {
	if !b.logoFits() {
		return assetNames{}, fmt.Errorf("cannot use the brand's logo: it is neither a path that begins with one slash nor an image as a data: URL in base64")
	}
	if b.Colour == "" {
		return standardAssets(), nil
	}
	c, err := parseColour(b.Colour)
	if err != nil {
		return assetNames{}, fmt.Errorf("cannot use the brand's colour: %w", err)
	}
	light, dark := tokens(styleSheet)
	names := standardAssets()
	names.Brand = brandName(
		c.towards(black, readableOn(light["bg"], light["surface"], light["on-accent"])),
		c.towards(white, readableOn(dark["bg"], dark["surface"], dark["on-accent"])),
	)
	return names, nil
}

func (b Brand) logoFits() bool {
	return b.Logo == "" || dataImage().MatchString(b.Logo) || localPath(b.Logo)
}

// localPath tells whether a URL stays on this origin whatever a browser makes of
// it: it takes backslashes for slashes, and leaves out control characters.
func localPath(s string) bool {
	return strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.ContainsFunc(s, func(c rune) bool {
		return c <= ' ' || c == '\\' || c == 0x7f
	})
}

// logo gives the URL of the logo. It has been checked, and the template's own
// filter knows no data: URL.
func (b Brand) logo() template.URL { return template.URL(b.Logo) }
