package selfservice

import (
	"net"
	"net/netip"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/selfservice/page"
)

// Setting is one thing that an operator can choose.
type Setting struct {
	Flag    string // without dashes
	Env     string // the environment variable that says the same
	Default string // "" for none
	Usage   string // one line, without a full stop
	// Boolean settings are "true" or "false", and their flag needs no value.
	Boolean bool
}

// The flags, by name.
const (
	flagKratosURL   = "kratos-public-url"
	flagListen      = "listen"
	flagPublicURL   = "public-url"
	flagProxy       = "trusted-proxy"
	flagFormAction  = "form-action-origin"
	flagMFA         = "enforce-mfa"
	flagBrandName   = "brand-name"
	flagBrandLogo   = "brand-logo"
	flagBrandColour = "brand-colour"
	flagFooter      = "footer"
)

// Settings lists all that can be chosen, in the order of a help text.
func Settings() []Setting {
	list := []Setting{
		{Flag: flagKratosURL, Env: "KRATOS_PUBLIC_URL", Usage: "Kratos' public API as this machine reaches it; may carry a path"},
		{Flag: flagListen, Default: "127.0.0.1:4455", Usage: "address and port to serve on"},
		{Flag: flagPublicURL, Usage: "this server as browsers see it, without a path; with a loopback address to listen on, http://localhost and its port if left out"},
		{Flag: flagProxy, Usage: "addresses or networks whose X-Forwarded-* headers are believed, separated by commas"},
		{Flag: flagFormAction, Usage: "origins besides our own that forms may lead to, such as social providers, separated by commas; without any, forms are not restricted"},
		{Flag: flagMFA, Default: "false", Boolean: true, Usage: "hold whoever has no second factor on its enrolment after a sign-in or a recovery"},
		{Flag: flagBrandName, Usage: "name of the organisation on every page"},
		{Flag: flagBrandLogo, Usage: "file of the logo (.svg, .png, .jpg, .gif or .webp), at most 64 KiB"},
		{Flag: flagBrandColour, Usage: "colour of buttons and links, as #rrggbb"},
		{Flag: flagFooter, Usage: "line of text at the foot of every page"},
	}
	for i, s := range list {
		if s.Env == "" {
			list[i].Env = "KRATOS_AGENT_UI_" + strings.ToUpper(strings.ReplaceAll(s.Flag, "-", "_"))
		}
	}
	return list
}

// Configure makes options of what the settings say, and gives the address to
// listen on. What get gives for a flag is its value, from wherever it came: ""
// where nothing was said. Errors are of kind fault.Usage.
func Configure(get func(flag string) string) (o Options, listen string, err error) {
	value := func(flag string) string { return valueOf(get, flag) }
	listen = value(flagListen)
	if err := checkListen(listen); err != nil {
		return o, "", err
	}
	if o.KratosURL, err = parseURL(flagKratosURL, value(flagKratosURL)); err != nil {
		return o, "", err
	}
	if isAdmin(o.KratosURL) {
		return o, "", unusable(flagKratosURL, o.KratosURL.String(), "it is the address of the admin API").
			WithHint("The public API listens on a port of its own, 4433 unless told otherwise: http://127.0.0.1:4433, say.")
	}
	public := value(flagPublicURL)
	if public == "" {
		public = loopbackURL(listen)
	}
	if o.PublicURL, err = parseURL(flagPublicURL, public); err != nil {
		return o, "", err
	}
	if o.TrustedProxies, err = parsePrefixes(value(flagProxy)); err != nil {
		return o, "", err
	}
	o.FormActionOrigins = fields(value(flagFormAction))
	if o.EnforceMFA, err = strconv.ParseBool(value(flagMFA)); err != nil {
		return o, "", unusable(flagMFA, value(flagMFA), "it is neither true nor false")
	}
	o.Brand = page.Brand{Name: value(flagBrandName), Colour: value(flagBrandColour), Footer: value(flagFooter)}
	if o.Brand.Logo, err = readLogo(value(flagBrandLogo)); err != nil {
		return o, "", err
	}
	return o, listen, o.check()
}

// check makes the errors of the options those of the flags.
func (o Options) check() error {
	if _, err := o.complete(); err != nil {
		return err
	}
	if _, err := page.New(o.Brand); err != nil {
		return fault.New(fault.Usage, "%s", err)
	}
	return nil
}

func valueOf(get func(string) string, flag string) string {
	if v := strings.TrimSpace(get(flag)); v != "" {
		return v
	}
	for _, s := range Settings() {
		if s.Flag == flag {
			return s.Default
		}
	}
	return ""
}

// unusable is the error of a value that cannot be used. It names the variable
// too, since nobody may have typed the flag.
func unusable(flag, value, why string) *fault.Error {
	return fault.New(fault.Usage, "cannot use %q as --%s (%s): %s", value, flag, envOf(flag), why)
}

func envOf(flag string) string {
	for _, s := range Settings() {
		if s.Flag == flag {
			return s.Env
		}
	}
	return ""
}

func checkListen(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return unusable(flagListen, s, "it is not of the form address:port")
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return unusable(flagListen, s, "the port is not a number between 1 and 65535")
	}
	return nil
}

func parseURL(flag, s string) (*url.URL, error) {
	if s == "" {
		return nil, fault.New(fault.Usage, "cannot serve: --%s (%s) is missing", flag, envOf(flag))
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, unusable(flag, "...", "it is no URL")
	}
	if err := checkURL("--"+flag+" ("+envOf(flag)+")", u); err != nil {
		return nil, err
	}
	return u, nil
}

// isAdmin tells whether a URL is that of the admin API by its path, below which
// Kratos has every session at the path of one's own.
func isAdmin(u *url.URL) bool {
	return strings.EqualFold(path.Base(path.Clean("/"+u.Path)), "admin")
}

// loopbackURL is where a browser on this machine finds the address: localhost,
// since security keys and passkeys work with a name only. It is "" for any other
// address, whose name nobody but the operator knows.
func loopbackURL(listen string) string {
	host, port, _ := net.SplitHostPort(listen)
	if ip, err := netip.ParseAddr(host); host == "localhost" || err == nil && ip.IsLoopback() {
		return "http://localhost:" + port
	}
	return ""
}

func parsePrefixes(list string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, s := range fields(list) {
		p, err := netip.ParsePrefix(s)
		if ip, ipErr := netip.ParseAddr(s); ipErr == nil {
			p, err = netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()), nil
		}
		if err != nil {
			return nil, unusable(flagProxy, s, "it is neither an address nor a network such as 10.0.0.0/8")
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

// fields splits at commas and white space.
func fields(list string) []string {
	return strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' || c == '\t' || c == '\n' })
}
