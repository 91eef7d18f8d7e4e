// Package uitest drives the self-service pages as a person does: a Chromium of
// its own, against the pages of a server under test, before a real Kratos that
// mails to a mail sink and knows an OpenID provider.
//
// Elements are found by what a screen reader calls them, so what cannot be
// named cannot be pressed. Whatever the browser complains of on the way (a
// console message, a script error, a violation of the Content-Security-Policy)
// fails the test.
package uitest
