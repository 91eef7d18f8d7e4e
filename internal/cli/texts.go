package cli

// Topic is a passage that the manual page and the reference share. A line of it
// is a sentence or a few; those in Example are shown as they are.
type Topic struct {
	Title   string
	Text    string
	Example string // may be empty
}

// Topics explain what all commands have in common.
func Topics() []Topic {
	return []Topic{
		{Title: "Naming a person", Text: `The one word without dashes is the person: an identity's id, or what the person signs in with (an email address or a username, in any letter case). It stands before or behind the flags, and for --identity-id or --email: give one of the three.
Behind "--" everything is such a word, even if it begins with a dash.`,
			Example: "kratos-agent get-identity alice@example.com\nkratos-agent get-identity --format json --email alice@example.com"},
		{Title: "Flags", Text: `A value stands behind its flag, after a blank or "=". A boolean flag stands alone for true; false needs "=": --invalidate-sessions=false. A flag given twice is an error.
The common flags stand before or behind the command, a command's own behind it.`},
		{Title: "Passwords", Text: `A secret is never a flag of its own, since others can read a command line: --password-file names the file that holds it, or - for standard input. One newline at its end is dropped. At a terminal, - asks for it, twice and without showing it.`,
			Example: "kratos-agent reset-password alice@example.com --password-file - < password.txt"},
		{Title: "Output", Text: `stdout holds the result alone: whole, or, if nothing was done, empty. Notes, questions and errors go to stderr.
--format=table is for reading: a key and its value on each line, a list one entry a line. Characters that would steer the terminal are shown escaped.
--format=json is one document with the same keys in the same order: booleans, numbers of any size digit for digit, lists, times as RFC 3339 in UTC. get-identity gives the identity as Kratos does.
--format=yaml is the same document as YAML.
--quiet writes ids or values alone, one a line, whatever --format says, and no notes but those of --dry-run.`,
			Example: "kratos-agent get-identity alice@example.com --format json | jq .traits\nlink=$(kratos-agent invite-user bob@example.com --quiet)"},
		{Title: "Notes and errors", Text: `A line that begins with "note:" says what was done or found besides the result. An error is a line that begins with "kratos-agent:", and where there is a next step, a line that begins with "hint:" names it; a command in it can be typed as it is printed.
Under --format=json every note is an object {"note": TEXT} and an error is {"error": {"kind": KIND, "message": TEXT, "hint": TEXT, "exit-code": NUMBER}}, each on a line of its own. The kinds are usage, not-found, conflict, ambiguous, precondition, unavailable, timeout, cancelled, partial and internal.
If a later step fails after something was done, the result shows what was done, and then comes the error.`},
		{Title: "Questions", Text: `What cannot be undone is asked first: deleting, unlinking, disabling, removing a second factor. --yes answers. Without it, and where stdin is no terminal, the command ends with a usage error and nothing is changed.
--dry-run asks nothing and changes nothing: it reads, and notes what would be done.`,
			Example: "kratos-agent delete-identity alice@example.com --dry-run\nkratos-agent delete-identity alice@example.com --yes"},
	}
}
