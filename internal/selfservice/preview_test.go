package selfservice_test

import (
	"net/http"
	"strings"
	"testing"
)

// The agents are written as their makers document them or as they were seen.
var previewers = map[string]string{
	"Slack":                              "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
	"Slack images":                       "Slack-ImgProxy (+https://api.slack.com/robots)",
	"Teams":                              "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
	"WhatsApp":                           "WhatsApp/2.23.20.0 A",
	"Signal":                             "WhatsApp/2",
	"Telegram":                           "TelegramBot (like TwitterBot)",
	"Discord":                            "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
	"LinkedIn":                           "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
	"Facebook":                           "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
	"Meta":                               "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
	"X":                                  "Twitterbot/1.0",
	"Google":                             "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
	"Google images":                      "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
	"Bing":                               "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b",
	"Mastodon":                           "Mastodon/4.2.0 (http.rb/5.1.1; +https://mastodon.social/)",
	"Matrix":                             "Synapse (bot; +https://github.com/matrix-org/synapse)",
	"any with an address to complain to": "SomeNewPreviewer/1.0 (+https://new.example/bot)",
}

var people = map[string]string{
	"Chrome":              "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
	"Safari on a phone":   "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
	"within Facebook":     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/440.0.0.30.108]",
	"within Instagram":    "Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/117.0 Mobile Safari/537.36 Instagram 301.0",
	"a phone called Bot":  "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/100.0 Mobile Safari/537.36",
	"curl, an operator's": "curl/8.5.0",
	"no agent":            "",
}

func TestPreviewsDoNotReachKratos(t *testing.T) {
	t.Parallel()
	kratos := &seen{}
	r := fakeKratos(t, kratos.ServeHTTP, nil)
	links := []string{
		"/self-service/recovery?flow=f&token=s3cr3t-mark", "/self-service/recovery?token=s3cr3t-mark",
		"/self-service/verification?flow=f&token=s3cr3t-mark", "/self-service/verification?code=123456&flow=f",
	}
	for _, link := range links {
		for name, agent := range previewers {
			a, text := send(t.Context(), t, http.MethodGet, r.origin+link, map[string]string{"User-Agent": agent}, "")
			if a.StatusCode != http.StatusOK || !strings.Contains(text, "A link for one person") || strings.Contains(text, "s3cr3t-mark") {
				t.Errorf("%s of %s: %d %s", name, link, a.StatusCode, text)
			}
		}
		for name, agent := range people {
			a, text := send(t.Context(), t, http.MethodHead, r.origin+link, map[string]string{"User-Agent": agent}, "")
			if a.StatusCode != http.StatusOK || text != "" {
				t.Errorf("HEAD by %s of %s: %d", name, link, a.StatusCode)
			}
		}
		for _, header := range []string{"Sec-Purpose", "Purpose", "X-Moz"} {
			a, _ := send(t.Context(), t, http.MethodGet, r.origin+link, map[string]string{"User-Agent": people["Chrome"], header: "prefetch;prerender"}, "")
			if a.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("prefetching %s: %d, want one that is not shown", link, a.StatusCode)
			}
		}
	}
	if got := kratos.paths(); len(got) > 0 {
		t.Errorf("Kratos was asked for %q", got)
	}
}

func TestPeopleDoReachKratos(t *testing.T) {
	t.Parallel()
	for name, agent := range people {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kratos := &seen{}
			r := fakeKratos(t, kratos.ServeHTTP, nil)
			send(t.Context(), t, http.MethodGet, r.origin+"/self-service/recovery?flow=f&token=x", map[string]string{"User-Agent": agent}, "")
			if len(kratos.paths()) != 1 {
				t.Error("taken for a preview")
			}
		})
	}
	// What is no link for one person is nobody's secret.
	kratos := &seen{}
	r := fakeKratos(t, kratos.ServeHTTP, nil)
	send(t.Context(), t, http.MethodGet, r.origin+"/self-service/login/browser", map[string]string{"User-Agent": previewers["Slack"]}, "")
	if len(kratos.paths()) != 1 {
		t.Error("a preview of the sign-in page is kept from Kratos")
	}
}

func TestInvitationSurvivesAChat(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	email, id := r.person(t)
	link := r.recoveryLink(t, id, "1h")
	for _, agent := range previewers {
		send(t.Context(), t, http.MethodGet, link, map[string]string{"User-Agent": agent}, "")
		send(t.Context(), t, http.MethodHead, link, map[string]string{"User-Agent": agent}, "")
	}
	newBrowser(t).goTo(link).want("/settings", http.StatusOK, email)
}
