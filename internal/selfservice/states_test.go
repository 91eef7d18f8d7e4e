package selfservice_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/selfservice"
)

func TestForeignFlowIsReplacedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	for _, kind := range []string{"login", "registration", "verification"} {
		theirs := newBrowser(t).goTo(r.origin+"/"+kind).want("/"+kind, http.StatusOK)
		mine := newBrowser(t).goTo(theirs.at.String()).want("/"+kind, http.StatusOK)
		if mine.at.Query().Get("flow") == theirs.at.Query().Get("flow") {
			t.Errorf("%s: another browser's flow is shown", kind)
		}
		if len(mine.way) != 3 {
			t.Errorf("%s: the way was %q, want the flow, Kratos, the page", kind, mine.way)
		}
		unknown := r.origin + "/" + kind + "?flow=00000000-0000-4000-8000-000000000000"
		newBrowser(t).goTo(unknown).want("/"+kind, http.StatusOK)
	}
}

func TestLoopIsStoppedAfterOneTry(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	if _, err := r.server.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"login", "registration", "verification"} {
		b := newBrowser(t).withoutCookies().goTo(r.origin + "/" + kind)
		b.want("/"+kind, http.StatusForbidden, "cookies")
		if len(b.way) != 5 {
			t.Errorf("%s: the way was %q, want one try more", kind, b.way)
		}
	}
}

func TestLoopBetweenTwoHostsNamesThem(t *testing.T) {
	t.Parallel()
	r := fakeKratos(t, func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/self-service/login/api":
			callsItself("https://kratos.bar.com/")(w, q)
		case "/self-service/login/browser":
			http.Redirect(w, q, "https://ui.bar.com/login?flow=f", http.StatusSeeOther)
		default:
			answers(403, "application/json", `{"error":{"id":"security_csrf_violation","code":403}}`)(w, q)
		}
	}, func(o *selfservice.Options) { o.PublicURL = parse(t, "https://ui.bar.com") })
	if _, err := r.server.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	way := []string{"/login?flow=f"}
	for range 3 {
		a, text := send(t.Context(), t, http.MethodGet, r.origin+way[len(way)-1], map[string]string{"Accept": "text/html"}, "")
		if a.StatusCode == http.StatusForbidden {
			if !strings.Contains(text, "kratos.bar.com") || !strings.Contains(text, parse(t, r.origin).Host) {
				t.Errorf("the page does not name the hosts:\n%s", text)
			}
			break
		}
		way = append(way, parse(t, a.Header.Get("Location")).RequestURI())
	}
	want := []string{"/login?flow=f", "/self-service/login/browser?again=1", "/login?again=1&flow=f"}
	if diff := cmp.Diff(want, way); diff != "" {
		t.Error(diff)
	}
}

// A proxy that changes the host tells the browser's, which is the one that counts.
func TestLoopBehindAProxy(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		proxies []netip.Prefix
		says    string
	}{
		"that is trusted":     {[]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "another browser"},
		"that is not trusted": {nil, "not set up right"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := fakeKratos(t, answers(403, "application/json", `{"error":{"id":"security_csrf_violation","code":403}}`), func(o *selfservice.Options) {
				o.PublicURL, o.TrustedProxies = parse(t, "https://ui.bar.com"), test.proxies
			})
			_, text := send(t.Context(), t, http.MethodGet, r.origin+"/login?flow=f&again=1", map[string]string{"X-Forwarded-Host": "ui.bar.com", "Accept": "text/html"}, "")
			if !strings.Contains(text, test.says) {
				t.Errorf("the page does not say %q:\n%s", test.says, text)
			}
		})
	}
}

// A flow that is over says nothing of cookies.
func TestFlowIsOverAfterATry(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusNotFound, http.StatusGone} {
		r := fakeKratos(t, answers(status, "application/json", `{"error":{"code":404}}`), nil)
		a, text := send(t.Context(), t, http.MethodGet, r.origin+"/login?flow=f&again=1", map[string]string{"Accept": "text/html"}, "")
		if a.StatusCode != status || !strings.Contains(text, "has expired") || strings.Contains(text, "cookies") {
			t.Errorf("%d, want %d:\n%s", a.StatusCode, status, text)
		}
	}
}

func TestRecoveryFlowThatCannotBeHad(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	theirs := newBrowser(t).goTo(r.origin+"/recovery").want("/recovery", http.StatusOK)
	newBrowser(t).goTo(theirs.at.String()).want("/recovery", http.StatusForbidden, "new one")
	b := newBrowser(t).goTo(r.origin+"/recovery?flow=00000000-0000-4000-8000-000000000000").want("/recovery", http.StatusNotFound, "new one")
	b.click("/recovery").want("/recovery", http.StatusOK, "Recover your account")
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	email, id := r.person(t)

	link := r.recoveryLink(t, id, "1h")
	if !strings.HasPrefix(link, r.origin) {
		t.Fatalf("the link does not lead to us, but to %s", parse(t, link).Host)
	}
	newBrowser(t).goTo(link).want("/settings", http.StatusOK, email)
	newBrowser(t).goTo(link).want("/recovery", http.StatusOK, "used")

	expired := r.recoveryLink(t, id, "1ms")
	b := newBrowser(t).goTo(expired).want("/recovery", http.StatusGone, "expired", "new one")
	b.click("/recovery").want("/recovery", http.StatusOK, "Recover your account")
}

func TestInvitationByCode(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	email, id := r.person(t)
	invite := func(expiresIn string) (link, code string) {
		var made struct {
			Link string `json:"recovery_link"`
			Code string `json:"recovery_code"`
		}
		r.admin(t, http.MethodPost, "/admin/recovery/code", map[string]any{"identity_id": id, "expires_in": expiresIn}, &made)
		return made.Link, made.Code
	}
	link, code := invite("1h")
	b := newBrowser(t).goTo(link).want("/recovery", http.StatusOK)
	b.submit("method=code", map[string]string{"code": code}).want("/settings", http.StatusOK, email)
	link, _ = invite("1ms")
	newBrowser(t).goTo(link).want("/recovery", http.StatusGone, "expired", "new one")
}

func TestMailedLinks(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]any{"selfservice.flows.recovery.use": "link", "selfservice.flows.verification.use": "link"}, nil)
	for _, kind := range []string{"verification", "recovery"} {
		email, _ := r.person(t)
		b := newBrowser(t).goTo(r.origin+"/"+kind).want("/"+kind, http.StatusOK)
		b.submit("method=link", map[string]string{"email": email}).want("/"+kind, http.StatusOK)
		link := r.inMail(t, email, anyLink)
		if kind == "recovery" {
			newBrowser(t).goTo(link).want("/settings", http.StatusOK, email)
		} else {
			newBrowser(t).goTo(link).want("/verification", http.StatusOK)
		}
		newBrowser(t).goTo(link).want("/"+kind, http.StatusOK, "used")
	}
}

func TestMailedLinksThatExpired(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]any{
		"selfservice.flows.recovery.use": "link", "selfservice.flows.verification.use": "link",
		"selfservice.methods.link.config.lifespan": "1ms",
	}, nil)
	for _, kind := range []string{"verification", "recovery"} {
		email, _ := r.person(t)
		b := newBrowser(t).goTo(r.origin + "/" + kind)
		b.submit("method=link", map[string]string{"email": email}).want("/"+kind, http.StatusOK)
		b = newBrowser(t).goTo(r.inMail(t, email, anyLink))
		if b.at.Path != "/"+kind || !strings.Contains(visible(b.page), "too long") {
			t.Errorf("%s: at %s with %d:\n%s", kind, b.at, b.status, visible(b.page))
		}
	}
}

func TestRecoveryDisabled(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]any{"selfservice.flows.recovery.enabled": false}, nil)
	email, id := r.person(t)
	b := newBrowser(t).goTo(r.origin+"/login").want("/login", http.StatusOK)
	if link := b.link("/recovery"); link != "" {
		t.Errorf("the sign-in leads to %s, which is shut", link)
	}
	newBrowser(t).goTo(r.recoveryLink(t, id, "1h")).want("/settings", http.StatusOK, email)
	b = newBrowser(t).goTo(r.recoveryLink(t, id, "1ms"))
	if b.status < 400 || b.link("/recovery") != "" {
		t.Errorf("an expired invitation ends at %s with %d:\n%s", b.at, b.status, visible(b.page))
	}
}

// Kratos on another port of the same host, straight from the browser.
func TestSiblingsAreServed(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]any{"serve.public.base_url": theirs}, nil)
	rel, err := r.server.Check(t.Context())
	if err != nil || rel.Kind != selfservice.Siblings {
		t.Fatalf("%+v, %v", rel, err)
	}
	email, id := r.person(t)
	b := newBrowser(t)
	b.signIn(r.origin, email).want("/settings", http.StatusOK, email)
	b.submit("method=password", map[string]string{"password": password + "-2"}).want("/settings", http.StatusOK, "saved")
	b.click("/logout").want("/login", http.StatusOK)
	newBrowser(t).goTo(r.recoveryLink(t, id, "1h")).want("/settings", http.StatusOK, email)
	newBrowser(t).goTo(r.recoveryLink(t, id, "1ms")).want("/recovery", http.StatusForbidden, "expired", "new one")
}

// A recovery that wants a second factor comes back to its flow, with what that
// says, where Kratos takes our address, and to another where it does not.
func TestSiblingsComeBack(t *testing.T) {
	t.Parallel()
	const said = "set a password"
	for name, taken := range map[string]bool{"taken": true, "not taken": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := listen(t)
			r := &rig{origin: "http://" + l.Addr().String(), log: &logBuffer{}}
			settings := map[string]any{"serve.public.base_url": theirs}
			if taken {
				settings["selfservice.allowed_return_urls"] = []string{r.origin}
			}
			r.start(t, l, settings, nil)
			email, id := r.person(t)
			secret, err := r.PlantTOTP(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			b := newBrowser(t).goTo(r.recoveryLink(t, id, "1h")).want("/login", http.StatusOK, "Second step")
			b.submit("method=totp", map[string]string{"totp_code": totp(t, secret, time.Now())}).want("/settings", http.StatusOK, email)
			if got := strings.Contains(visible(b.page), said); got != taken {
				t.Errorf("the page says %q: %t; at %s", said, got, b.at)
			}
		})
	}
}

func TestExpiredFlow(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]any{"selfservice.flows.login.lifespan": "1ms"}, nil)
	b := newBrowser(t).goTo(r.origin+"/login?return_to="+url.QueryEscape(r.app.URL+"/inbox")).want("/login", http.StatusGone, "start again")
	want := "/self-service/login/browser?again=1&return_to=" + url.QueryEscape(r.app.URL+"/inbox")
	if !slices.Contains(b.way, want) {
		t.Errorf("return_to was lost on the way %q, want %q", b.way, want)
	}
}

func TestSignedInAlready(t *testing.T) {
	t.Parallel()
	for name, home := range map[string]string{"to the start": "/", "to the sign-in itself": "/login"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, map[string]any{"selfservice.default_browser_return_url": home}, nil)
			email, _ := r.person(t)
			b := newBrowser(t)
			b.signIn(r.origin, email).want("/settings", http.StatusOK, email)
			for _, page := range []string{"/login", "/registration", "/"} {
				b.goTo(r.origin+page).want("/settings", http.StatusOK, email)
			}
		})
	}
}

func TestSecondFactorWanted(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	email, id := r.person(t)
	secret, err := r.PlantTOTP(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t)
	b.signIn(r.origin, email).want("/login", http.StatusOK, "Second step")
	for _, page := range []string{"/settings", "/"} {
		b.goTo(r.origin+page).want("/login", http.StatusOK, "Second step")
	}
	b.submit("method=totp", map[string]string{"totp_code": totp(t, secret, time.Now())}).want("/settings", http.StatusOK, email)
}

// A settings flow that was begun at aal1, opened when a second factor is there.
func TestSecondFactorWantedByAFlow(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	email, id := r.person(t)
	b := newBrowser(t)
	flow := b.signIn(r.origin, email).want("/settings", http.StatusOK).at.String()
	secret, err := r.PlantTOTP(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	b.goTo(flow).want("/login", http.StatusOK, "Second step")
	b.submit("method=totp", map[string]string{"totp_code": totp(t, secret, time.Now())}).want("/settings", http.StatusOK, email)
	if b.at.Query().Get("flow") != parse(t, flow).Query().Get("flow") {
		t.Errorf("at %s, not back at the flow %s", b.at, flow)
	}
}

func TestReauthentication(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]any{"selfservice.flows.settings.privileged_session_max_age": "1ms"}, nil)
	email, _ := r.person(t)
	b := newBrowser(t)
	b.signIn(r.origin, email).want("/settings", http.StatusOK)
	b.submit("method=password", map[string]string{"password": password + "-2"}).want("/login", http.StatusOK, "Confirm that it is you")
}

func TestVerificationWanted(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]any{
		"selfservice.flows.login.after.password.hooks": []any{map[string]any{"hook": "require_verified_address"}},
	}, nil)
	email, _ := r.person(t)
	b := newBrowser(t).signIn(r.origin, email)
	t.Logf("at %s", b.at)
	if b.at.Path != "/login" && b.at.Path != "/verification" || b.status != http.StatusOK || !strings.Contains(strings.ToLower(visible(b.page)), "verif") {
		t.Fatalf("at %s with %d:\n%s", b.at, b.status, visible(b.page))
	}
}

func TestRegistrationDisabled(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]any{"selfservice.flows.registration.enabled": false, "selfservice.flows.verification.enabled": false}, nil)
	b := newBrowser(t)
	b.goTo(r.origin+"/login").want("/login", http.StatusOK)
	if link := b.link("/registration"); link != "" {
		t.Errorf("the sign-in leads to %s, which is shut", link)
	}
	if b.link("/recovery") == "" {
		t.Error("the sign-in does not lead to the recovery, which is open")
	}
	for _, way := range []string{"/registration", "/registration?login_challenge=c", "/self-service/registration/browser"} {
		b.goTo(r.origin+way).want("/error", http.StatusForbidden, "Accounts are by invitation only")
		if b.link("/login") == "" {
			t.Errorf("%s: the page does not lead to the sign-in", way)
		}
	}
	b.goTo(r.origin+"/registration?flow=00000000-0000-4000-8000-000000000000").want("/registration", http.StatusForbidden, "Accounts are by invitation only")
	b.goTo(r.origin+"/verification").want("/error", http.StatusForbidden, "This is switched off", "Back to the start")
}

// The request's id is for the people who run the site, where their log says more.
func TestRequestIDIsShownWhereItHelps(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]any{"selfservice.flows.registration.enabled": false, "selfservice.flows.verification.enabled": false}, nil)
	away := fakeKratos(t, answers(500, "application/json", "{}"), nil)
	for address, shown := range map[string]bool{
		r.origin + "/nothing": false, r.origin + "/registration": false, r.origin + "/verification": false,
		r.origin + "/recovery?flow=00000000-0000-4000-8000-000000000000": false,
		away.origin + "/login?flow=f":                                    true,
	} {
		b := newBrowser(t).goTo(address)
		if got := strings.Contains(visible(b.page), "Request "+b.header.Get("X-Request-Id")); got != shown || b.status < 400 {
			t.Errorf("%s with %d: the id is shown: %t", address, b.status, got)
		}
	}
	b := newBrowser(t).withoutCookies().goTo(r.origin+"/login").want("/login", http.StatusForbidden, "Request ")
	if !strings.Contains(visible(b.page), b.header.Get("X-Request-Id")) {
		t.Error("the page shows another id")
	}
}

// Who is signed in is not sent to the sign-in after verifying an address.
func TestVerificationOfWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	email, _ := r.person(t)
	stranger := newBrowser(t).goTo(r.origin+"/verification").want("/verification", http.StatusOK)
	if stranger.link("/login") == "" || stranger.link("/settings") != "" {
		t.Error("the page does not lead a stranger to the sign-in, or to the settings")
	}
	b := newBrowser(t)
	b.signIn(r.origin, email).want("/settings", http.StatusOK)
	b.goTo(r.origin+"/verification").submit("method=code", map[string]string{"email": email})
	b.submit("method=code", map[string]string{"code": r.mailed(t, email)}).want("/verification", http.StatusOK, "All done", "Signed in as "+email)
	if b.link("/login") != "" || b.link("/settings") == "" {
		t.Error("the page leads to the sign-in, or not to the settings")
	}
}

func TestErrorPage(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	newBrowser(t).goTo(r.origin+"/login?return_to=https://evil.example/").want("/error", http.StatusBadRequest, "not allowed")
	newBrowser(t).goTo(r.origin+"/error").want("/error", http.StatusNotFound)
	newBrowser(t).goTo(r.origin+"/error?id=00000000-0000-4000-8000-000000000000").want("/error", http.StatusNotFound)
}

func TestLogout(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	email, id := r.person(t)
	newBrowser(t).goTo(r.origin+"/logout").want("/login", http.StatusOK)

	b := newBrowser(t)
	b.signIn(r.origin, email)
	b.goTo(r.origin + "/logout?return_to=" + url.QueryEscape(r.app.URL+"/bye"))
	if b.text != "the application" {
		t.Errorf("return_to was lost: at %s", b.at)
	}
	b.goTo(r.origin+"/settings").want("/login", http.StatusOK)

	// Who has still to give the second factor can leave.
	if _, err := r.PlantTOTP(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	b.signIn(r.origin, email).want("/login", http.StatusOK, "Second step")
	b.click("/logout").want("/login", http.StatusOK, "Forgot your password?")
}

func TestAnotherSiteCannotSignOut(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	for _, site := range []string{"cross-site", "same-site"} {
		a, text := send(t.Context(), t, http.MethodGet, r.origin+"/logout", map[string]string{"Sec-Fetch-Site": site}, "")
		if a.StatusCode != http.StatusOK || !strings.Contains(text, `href="/logout"`) {
			t.Errorf("%s: %d %s", site, a.StatusCode, text)
		}
	}
}

// A browser that looks ahead signs nobody out.
func TestPrefetchDoesNotSignOut(t *testing.T) {
	t.Parallel()
	kratos := &seen{}
	r := fakeKratos(t, kratos.ServeHTTP, nil)
	for _, purpose := range []string{"prefetch", "prefetch;prerender"} {
		a, _ := send(t.Context(), t, http.MethodGet, r.origin+"/logout", map[string]string{"Sec-Purpose": purpose, "Sec-Fetch-Site": "same-origin"}, "")
		if a.StatusCode != http.StatusServiceUnavailable || len(kratos.paths()) > 0 {
			t.Errorf("%s: %d, Kratos was asked for %q", purpose, a.StatusCode, kratos.paths())
		}
	}
}

func TestSettingsWithoutASession(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	email, _ := r.person(t)
	b := newBrowser(t)
	flow := b.signIn(r.origin, email).want("/settings", http.StatusOK).at.String()
	c := newBrowser(t).goTo(flow).want("/login", http.StatusOK)
	c.submit("method=password", map[string]string{"identifier": email, "password": password}).want("/settings", http.StatusOK, email)
	newBrowser(t).goTo(r.origin+"/settings").want("/login", http.StatusOK)
}

func TestKratosThatIsGone(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	b := newBrowser(t).goTo(r.origin+"/login").want("/login", http.StatusOK)
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	b.goTo(b.at.String()).want("/login", http.StatusServiceUnavailable, "We will be back shortly")
	for _, page := range []string{"/", "/recovery", "/settings", "/logout", "/error?id=1"} {
		b.goTo(r.origin + page)
		if b.status != http.StatusServiceUnavailable || !strings.Contains(visible(b.page), "We will be back shortly") {
			t.Errorf("%s: %d\n%s", page, b.status, visible(b.page))
		}
	}
}
