package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// agentPath is the built agent, seen from the root of the source tree.
const agentPath = "bin/kratos-agent"

// site is a Kratos with its pages before it, on one origin.
type site struct {
	*kratostest.Server
	url string // the origin

	name        string
	cookie      string // the name of the session's cookie: browsers share them among the ports of a host
	folder      string // of its database
	port        int    // of the origin
	invitedOnly bool
}

func newSite(name, cookie, dir string) (*site, error) {
	port, err := testneed.FreePort()
	if err != nil {
		return nil, err
	}
	s := &site{name: name, cookie: cookie, port: port, folder: filepath.Join(dir, cookie)}
	s.url = fmt.Sprintf("http://localhost:%d", port)
	return s, os.Mkdir(s.folder, 0o700)
}

// callback is where the provider sends a browser back to.
func (s *site) callback() string { return s.url + "/self-service/methods/oidc/callback/" + providerID }

func (s *site) start(ctx context.Context, h *house, binary string) (err error) {
	settings := kratostest.Pages{
		URL: s.url, Name: s.name, SMTP: h.mails.URL, InvitedOnly: s.invitedOnly,
		OIDC: h.provider.Settings(providerID, providerLabel, kratosconf.DefaultMapper("generic")),
	}.Settings()
	settings["session.cookie.name"] = s.cookie + "_session"
	s.Server, err = kratostest.Start(ctx, kratostest.Config{
		Binary: binary, DSN: kratostest.FileDSN(s.folder), Settings: settings, Courier: true,
	})
	if err != nil {
		return err
	}
	h.onClose(s.Stop)
	stop, err := startPages(ctx, s)
	if err != nil {
		return err
	}
	h.onClose(stop)
	return nil
}

// command runs the built agent, which finds the site's Kratos.
func (s *site) command(ctx context.Context, args ...string) (stdout, stderr string, err error) {
	c := exec.CommandContext(ctx, filepath.FromSlash(agentPath), args...)
	c.Env = append(os.Environ(), "KRATOS_ADMIN_URL="+s.AdminURL)
	var out, errs strings.Builder
	c.Stdout, c.Stderr = &out, &errs
	err = c.Run()
	return out.String(), errs.String(), err
}
