package page

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

//go:embed lang/*.json
var languageFiles embed.FS

// standard is the language of those whose own is not there.
const standard = "en"

// language is one file of the catalogue. Its keys are the ids of Kratos'
// messages ("1010001"), names of our own ("login.title"), and words that schemas
// commonly use as labels, in lower case ("title:email"). Texts have {braces} for
// what is filled in.
type language struct {
	tag      string
	texts    map[string]string
	fallback *language // nil for the standard one
}

// Languages gives the tags of the languages that there are. A language is one
// file in lang/, named by its tag, with the keys of lang/en.json.
func Languages() []string {
	all, err := loadLanguages()
	if err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(all))
}

func loadLanguages() (map[string]*language, error) {
	files, err := languageFiles.ReadDir("lang")
	if err != nil {
		return nil, err
	}
	all := map[string]*language{}
	for _, f := range files {
		text, err := languageFiles.ReadFile(path.Join("lang", f.Name()))
		if err != nil {
			return nil, err
		}
		l := &language{tag: strings.TrimSuffix(f.Name(), ".json")}
		if err := json.Unmarshal(text, &l.texts); err != nil {
			return nil, fmt.Errorf("cannot read the texts of %s: %w", f.Name(), err)
		}
		all[l.tag] = l
	}
	for _, l := range all {
		if l.tag != standard {
			l.fallback = all[standard]
		}
	}
	return all, nil
}

// choose gives the first language of the tags that there is: "de-AT" is content
// with "de".
func choose(all map[string]*language, tags []string) *language {
	for _, tag := range tags {
		for tag = strings.ToLower(strings.TrimSpace(tag)); tag != ""; {
			if l, ok := all[tag]; ok {
				return l
			}
			tag = tag[:max(strings.LastIndexByte(tag, '-'), 0)]
		}
	}
	return all[standard]
}

func (l *language) has(key string) bool {
	_, ok := l.lookup(key)
	return ok
}

func (l *language) lookup(key string) (string, bool) {
	text, ok := l.texts[key]
	if !ok && l.fallback != nil {
		return l.fallback.lookup(key)
	}
	return text, ok
}

var placeholder = lazily(`\{([a-z_]+)(?:\|([a-z]+))?\}`)

// text gives a text with its braces filled in. A key that is not there is its
// own text, and so are braces for which there is no detail.
func (l *language) text(key string, detail map[string]string) string {
	text, ok := l.lookup(key)
	if !ok {
		text = key
	}
	return placeholder().ReplaceAllStringFunc(text, func(brace string) string {
		if value, ok := detail[strings.Trim(brace, "{}")]; ok {
			return value
		}
		return brace
	})
}
