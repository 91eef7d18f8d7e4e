// Package selfservice serves the pages of Kratos' self-service flows, and
// Kratos' public API beside them, as one origin.
//
// A browser, a single-page app and an API client all come through one port:
// /self-service/, /sessions, /schemas/ and /.well-known/ory/ go to Kratos'
// public API, the rest is ours. A page fetches its flow from Kratos with the
// browser's cookies, and its forms post straight to Kratos. The admin API is on
// none of these paths, and no other path is handed on. Nor is anything before
// Kratos has begun a sign-in when it was asked to, as only its public API does:
// at the admin API the same paths have another meaning.
//
// # What is guarded, and what is not
//
// Pages carry a Content-Security-Policy of default-src 'none' without any
// unsafe-*. It has form-action only where [Options.FormActionOrigins] is given,
// and then with Kratos' own origin where that is another:
// browsers apply that directive to every redirect that follows a form, so to the
// sign-in pages of social providers and OAuth2 clients too, whose origins this
// program cannot know. Without it, markup that somebody manages to put into a
// page could send a form with what a person types elsewhere. What stands against
// that is that everything on a page is escaped and that no page takes HTML from
// anywhere; who knows all providers closes the gap by naming their origins.
//
// The second factor that [Options.EnforceMFA] demands is demanded of browsers on
// their way through these pages: after a sign-in or a recovery, and on the
// settings page. It does not guard the session before: that one is real, at
// aal1, and Kratos' API and every application that asks for no more take it. A
// single-page app or an API client is not held at all. So an application that
// needs a second factor asks Kratos for aal2 itself (session.whoami.required_aal:
// highest_available in Kratos' configuration). What counts as a second factor is
// what Kratos could ask for at sign-in; that it does ask is the same setting of
// Kratos', not ours.
//
// Nor does it guard a sign-in for an OAuth2 client: Kratos has told the OAuth2
// server that it accepts the login when the hold begins, and whoever knows the
// address to go on at, which a program in the browser's place gets to see, can go
// on. Such a client has to look at the methods of the sign-in itself (amr).
//
// Where Kratos' base URL is another than ours, forms and the links in mails lead
// straight to Kratos: then only the settings page holds anybody, and previews of
// links use them up. One origin is better.
//
// A link that was sent to a person is kept from the previews that chats make of
// it: see the agents in preview.go. A program that calls itself a browser cannot
// be told from one: where mail is scanned so, use codes, not links.
//
// Where a held person goes after the enrolment is in a cookie that is sealed with
// a key of this process. One that another process has sealed, or nobody, leads
// only where Kratos sends browsers too (allowed_return_urls), and else to the
// settings. Over https the cookie's name has the prefix __Host-, which no other
// host can set.
//
// Logs have the route, the method, the status and the request's id, and never a
// query, a cookie, a body or a header that a client chose.
package selfservice
