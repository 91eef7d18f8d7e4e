package selfservice

import (
	"net/http"
	"net/url"
	"strings"
)

// previewAgents are parts of the User-Agent, in lower case, of programs that
// open links to show or to scan them, and that say so. Those that give an address
// to complain to ("+http") need not be listed; a bare "bot" is no sign, since
// there are telephones of that name.
var previewAgents = [...]string{
	"slackbot", "slack-imgproxy",
	"skypeuripreview", "microsoftpreview", "teamsbot", "msteams", "microsoft teams",
	"whatsapp", "telegrambot", "discordbot", "linkedinbot", "signal-desktop", "signalbot",
	"facebookexternalhit", "facebot", "facebookcatalog", "meta-externalagent", "meta-externalfetcher", "instagrambot",
	"twitterbot", "mastodon", "pleroma", "bluesky", "cardyb", "redditbot", "pinterestbot", "tumblr",
	"googlebot", "google-inspectiontool", "googleimageproxy", "google-pagerenderer", "googlemessages", "google-read-aloud",
	"feedfetcher-google", "bingbot", "bingpreview", "adidxbot", "duckduckbot", "yandexbot", "baiduspider", "applebot",
	"viber", "line-poker", "linespider", "kakaotalk-scrap", "vkshare", "zoombot", "mattermost", "rocket.chat", "synapse",
	"element-preview", "iframely", "embedly", "opengraph", "linkpreview", "link-preview", "link preview", "urlpreview",
	"+http", "proofpoint", "barracuda", "mimecast", "outlook-safelinks", "safelinks",
}

// isPreview tells whether nobody reads what is answered: a program that makes a
// preview asks, or only the head is asked for.
func isPreview(r *http.Request) bool {
	if r.Method == http.MethodHead {
		return true
	}
	agent := strings.ToLower(r.UserAgent())
	for _, part := range previewAgents {
		if strings.Contains(agent, part) {
			return true
		}
	}
	return false
}

// isPrefetch tells whether a browser asks before its person has clicked.
func isPrefetch(r *http.Request) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Moz", "X-Purpose"} {
		v := strings.ToLower(r.Header.Get(name))
		if strings.Contains(v, "prefetch") || strings.Contains(v, "prerender") || strings.Contains(v, "preview") {
			return true
		}
	}
	return false
}

// isSentLink tells whether the URL is one that is sent to a person and that may
// be used up by opening it.
func isSentLink(u *url.URL) bool {
	if u.Path != "/self-service/recovery" && u.Path != "/self-service/verification" {
		return false
	}
	q := u.Query()
	return q.Has("token") || q.Has("code")
}

const previewKey = "preview"

// preview answers whoever only looks at a link: a page that says nothing, and
// no word to Kratos. A browser that prefetches is told to come again, since it
// would show its person the empty page.
func (s *Server) preview(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || !isSentLink(r.URL) {
		return false
	}
	switch {
	case isPrefetch(r):
		refusePrefetch(w)
	case isPreview(r):
		s.notice(w, r, notice{status: http.StatusOK, key: previewKey})
	default:
		return false
	}
	return true
}

// refusePrefetch makes a browser ask again when its person does.
func refusePrefetch(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusServiceUnavailable)
}
