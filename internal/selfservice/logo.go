package selfservice

import (
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// maxLogo is how large the file of a logo may be, in bytes: it is part of every
// page.
const maxLogo = 64 << 10

var logoTypes = map[string]string{
	".svg": "svg+xml", ".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".gif": "gif", ".webp": "webp",
}

// readLogo gives the file's image as a data: URL, which shows without a request
// and cannot run a script. A value that is one already is taken as it is.
func readLogo(value string) (string, error) {
	if value == "" || strings.HasPrefix(value, "data:") {
		return value, nil
	}
	kind, known := logoTypes[strings.ToLower(filepath.Ext(value))]
	if !known {
		return "", unusable(flagBrandLogo, value, "it is no .svg, .png, .jpg, .gif or .webp")
	}
	f, err := os.Open(value)
	if err != nil {
		return "", unusable(flagBrandLogo, value, "it cannot be opened")
	}
	defer f.Close()
	image, err := io.ReadAll(io.LimitReader(f, maxLogo+1))
	switch {
	case err != nil:
		return "", unusable(flagBrandLogo, value, "it cannot be read")
	case len(image) > maxLogo:
		return "", unusable(flagBrandLogo, value, fmt.Sprintf("it is larger than %d bytes", maxLogo))
	case len(image) == 0:
		return "", unusable(flagBrandLogo, value, "it is empty")
	}
	return "data:image/" + kind + ";base64," + base64.StdEncoding.EncodeToString(image), nil
}
