package main

import (
	"github.com/kratos-agent/kratos-agent/internal/cli"
)

const uiIntro = "`kratos-agent ui`" + ` serves the pages of Kratos' self-service flows, and Kratos' public API beside them, as one
origin. [How to run it](../how-to/self-service.md), by hand and in the charm; [how to invite people](../how-to/invite-people.md).`

const (
	// uiHandedOn are the parameters of a page that Kratos gets.
	uiHandedOn = "return_to, login_challenge, aal, refresh, via, organization, identity_schema, after_verification_return_to"
	uiPolicy   = "default-src 'none'; img-src 'self' data:; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)

// route is a path that is served. One that ends in a slash stands for all below
// it.
type route struct{ path, what string }

// uiPages are the paths of our own.
func uiPages() []route {
	return []route{
		{"/", "Leads to the settings, or to the sign-in."},
		{"/login", "Sign-in; also the second factor, and signing in again before a change of the settings."},
		{"/registration", "Registration, where Kratos allows it."},
		{"/recovery", "Recovery, by a mailed code or link, or by the code of an operator."},
		{"/verification", "Verification of an address."},
		{"/settings", "Profile, password, second factors, passkeys, social logins."},
		{"/logout", "Signs out; asks first who comes from another site, a sibling's too."},
		{"/error", "What Kratos sends a browser to when a flow cannot go on."},
		{"/enrol", "With --enforce-mfa, looks whether there is a second factor, and leads on."},
		{"/assets/", "Style sheet and script. Their names change with what is in them, so they may be cached for ever."},
		{"/health/alive", "200 while the process answers."},
		{"/health/ready", "200 once Kratos' public API has been found and while it is ready, else 503."},
	}
}

// uiForwarded are the paths that Kratos' public API answers.
func uiForwarded() []route {
	return []route{
		{"/self-service/", "The flows, of browsers, single-page apps and API clients."},
		{"/sessions", "Sessions."},
		{"/sessions/", "Sessions, such as /sessions/whoami."},
		{"/schemas/", "Identity schemas."},
		{"/.well-known/ory/", "The script of security keys and passkeys."},
	}
}

// uiReference is the page about the command ui.
func uiReference() string {
	p := newPage("The pages", uiIntro)
	for _, b := range cli.Builtins() {
		if len(b.Flags) > 0 {
			p.uiCommand(b)
		}
	}
	p.heading("Pages")
	p.text("Kratos makes a flow for each visit, and the page shows it (?flow=ID). A page that is opened without one asks Kratos for it, and hands on " + uiHandedOn + ".")
	p.table([]string{"path", ""}, routes(uiPages()))
	p.heading("Kratos' public API")
	p.text("These go to --kratos-public-url, with all methods but CONNECT and TRACE. Nothing else does, and nothing goes to the admin API. Until Kratos has answered as its public API does, they get 503.")
	p.table([]string{"path", ""}, routes(uiForwarded()))
	p.text("Not handed on is a link with a token or a code, if HEAD asks for it, or a program that says of itself that it makes previews or scans links: it gets a page that says nothing. A browser that fetches such a link in advance gets 503.")
	p.heading("Limits")
	p.text("A request has 1 MiB and 32 KiB of headers, and 30 seconds to arrive. An answer has 60 seconds. A flow is fetched from Kratos in 10 seconds, or the page says that it does not answer.")
	p.heading("Logs")
	p.text("stderr has a JSON object a line, or text on a terminal. A request's line has: id, method, route, status, bytes, milliseconds, client. It has no query, cookie, body or header of a client. The id stands on error pages and goes to Kratos as X-Request-Id; a trusted proxy may give it.")
	p.heading("Headers")
	p.text("Every answer has X-Request-Id, X-Content-Type-Options: nosniff and Referrer-Policy: strict-origin. A page has also Cache-Control: no-store, X-Frame-Options: DENY and this Content-Security-Policy, with form-action if --form-action-origin is given:")
	p.code("text", uiPolicy)
	p.text("Where Kratos calls itself by a sibling host, that origin stands in form-action too. Scripts come from our own.")
	p.heading("Exit status")
	p.text("0 when it was told to stop, by SIGTERM or Ctrl-C; 2 where a flag or a variable cannot be used; 4 where it cannot listen at the address, where what answers is not Kratos' public API, or where Kratos calls itself by the URL of another site.")
	p.WriteString("\nThe others are in [the command line](cli.md#exit-status).\n")
	return p.String()
}

func (p *page) uiCommand(b cli.Builtin) {
	p.code("text", b.Synopsis)
	p.text(b.Description)
	p.heading("Flags")
	rows := [][]string{}
	for _, f := range b.Flags {
		usage := f.Usage
		if f.Required {
			usage += " Required."
		}
		rows = append(rows, []string{code(f.Head()), code(f.Variable), code(f.Default), cell(usage)})
	}
	p.table([]string{"flag", "variable", "default", ""}, rows)
}

func routes(list []route) (rows [][]string) {
	for _, r := range list {
		rows = append(rows, []string{code(r.path), cell(r.what)})
	}
	return rows
}
