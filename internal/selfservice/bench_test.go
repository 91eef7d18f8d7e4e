package selfservice_test

import (
	"io"
	"net/http"
	"testing"
)

// The page through us, and what it is made of: the same flow, raw from Kratos.
// The last is our part alone: a Kratos that answers at once.
func BenchmarkPage(b *testing.B) {
	r := newRig(b, nil, nil)
	browser := newBrowser(b).goTo(r.origin + "/login")
	flow := browser.at.Query().Get("flow")
	raw := browser.goTo(r.PublicURL + "/self-service/login/flows?id=" + flow).text
	fake := fakeKratos(b, answers(http.StatusOK, "application/json", raw), nil)
	for _, way := range []struct{ name, target string }{
		{"through-us", r.origin + "/login?flow=" + flow},
		{"raw-from-kratos", r.PublicURL + "/self-service/login/flows?id=" + flow},
		{"our-part", fake.origin + "/login?flow=" + flow},
	} {
		b.Run(way.name, func(b *testing.B) {
			for b.Loop() {
				q, err := http.NewRequestWithContext(b.Context(), http.MethodGet, way.target, nil)
				if err != nil {
					b.Fatal(err)
				}
				q.Header.Set("Accept", "application/json")
				if way.name != "raw-from-kratos" {
					q.Header.Set("Accept", "text/html")
				}
				a, err := browser.client.Do(q)
				if err != nil {
					b.Fatal(err)
				}
				n, err := io.Copy(io.Discard, a.Body)
				a.Body.Close()
				if err != nil || a.StatusCode != http.StatusOK {
					b.Fatalf("%d %v", a.StatusCode, err)
				}
				b.ReportMetric(float64(n), "bytes/page")
			}
		})
	}
}
