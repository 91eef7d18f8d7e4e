package cli

// Status is an exit code and what it means.
type Status struct {
	Code    int
	Meaning string
}

// Statuses lists the exit codes, as fault.ExitCode gives them.
func Statuses() []Status {
	return []Status{
		{0, "Done. That there was nothing to do is done, too."},
		{1, "The agent or the server failed."},
		{2, "The command line is wrong. Nothing was touched."},
		{3, "There is no such identity, or none of what was asked for."},
		{4, "The state of things forbids it: something else holds what was asked for, several match, a setting of the server forbids it, or a question was not answered with yes."},
		{5, "The server cannot be reached, or is no Kratos' admin API."},
		{6, "Part of it was done, and is shown as the result; a later step failed."},
		{124, "The time that --timeout allows was over."},
		{130, "Interrupted, by Ctrl-C or SIGTERM."},
	}
}

// Variable is an environment variable and what it does.
type Variable struct{ Name, Meaning string }

// Variables lists the environment variables that are read.
func Variables() []Variable {
	return []Variable{
		{EndpointVariable, "Where Kratos' admin API is, if --endpoint does not say."},
		{"HTTP_PROXY, HTTPS_PROXY, NO_PROXY", "The proxy to go through, but never to loopback addresses, names without a dot, and names in .svc or .cluster.local."},
		{"KRATOS_PUBLIC_URL, KRATOS_AGENT_UI_...", "What the flags of the command ui say, if they do not: each is named in its help."},
		{"JUJU_CONTEXT_ID", "Set under juju exec: then Juju secrets can be read."},
	}
}
