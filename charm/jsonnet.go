package charm

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
)

// jsonnetURL gives the URL under which Kratos finds a jsonnet program that was
// given as a URL or as the program itself. A file of the workload's is refused:
// nobody outside has put one there.
func jsonnetURL(given string) (string, error) {
	scheme, _, isURL := strings.Cut(given, "://")
	switch {
	case !isURL || strings.ContainsAny(scheme, " \t\r\n{"):
		return kratosconf.Base64URL([]byte(given)), nil
	case scheme == "http", scheme == "https":
		return given, nil
	case scheme == "base64":
		if _, err := jsonnetText(given); err != nil {
			return "", err
		}
		return given, nil
	}
	return "", errors.New("it is neither jsonnet nor an http, https or base64 URL of it")
}

// jsonnetText gives the program that a URL holds itself, and nil for one that
// stands elsewhere.
func jsonnetText(url string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(url, "base64://")
	if !ok {
		return nil, nil
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, errors.New("it is not base64")
	}
	return text, nil
}
