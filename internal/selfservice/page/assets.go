package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
)

//go:embed assets/page.css
var styleSheet string

//go:embed assets/page.js
var script string

const assetPath = "/assets/"

// assetNames are the paths of what pages load from this package.
type assetNames struct {
	Style, Script string
	Brand         string // the style sheet of a brand's colour; "" for none
}

func standardAssets() assetNames {
	return assetNames{Style: hashedName("page", styleSheet, "css"), Script: hashedName("page", script, "js")}
}

// hashedName names a file by its text, so that it can be cached for ever.
func hashedName(name, text, extension string) string {
	sum := sha256.Sum256([]byte(text))
	return assetPath + name + "-" + hex.EncodeToString(sum[:8]) + "." + extension
}

// brandName is the path of a style sheet that holds a brand's two colours and
// nothing else: the name says all, so nothing has to be kept for it.
func brandName(light, dark colour) string {
	return assetPath + "brand-" + light.hex() + "-" + dark.hex() + ".css"
}

var brandPath = lazily(`^` + assetPath + `brand-([0-9a-f]{6})-([0-9a-f]{6})\.css$`)

// Assets serves what pages load, under /assets/. The names change with what is
// in the files, so the answers may be cached for ever; a name of another version
// of this program is not found.
func Assets() http.Handler {
	names := standardAssets()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		switch brand := brandPath().FindStringSubmatch(r.URL.Path); {
		case r.URL.Path == names.Style:
			serve(w, "text/css", styleSheet)
		case r.URL.Path == names.Script:
			serve(w, "text/javascript", script)
		case brand != nil:
			serve(w, "text/css", brandStyle(brand[1], brand[2]))
		default:
			http.NotFound(w, r)
		}
	})
}

func brandStyle(light, dark string) string {
	return fmt.Sprintf(":root { --accent: #%s; }\n%s { :root { --accent: #%s; } }\n", light, darkScheme, dark)
}

// serve lets net/http leave the body out of an answer to HEAD.
func serve(w http.ResponseWriter, kind, text string) {
	h := w.Header()
	h.Set("Content-Type", kind+"; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	io.WriteString(w, text) // the browser that is gone needs no error
}
