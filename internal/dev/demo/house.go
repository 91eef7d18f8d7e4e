package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/mailtest"
	"github.com/kratos-agent/kratos-agent/internal/oidctest"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// house is all that runs.
type house struct {
	mails    *mailtest.Sink // of both sites
	mailsURL string         // where a browser reads the mails
	provider *oidctest.Provider
	open     *site // anybody may register
	invited  *site // by invitation only

	mu      sync.Mutex
	closers []func() error // in the order in which the parts were opened
}

// The id of the OpenID provider in Kratos' configuration, and what people read
// on its button.
const (
	providerID    = "demo"
	providerLabel = "Test provider"
)

// openHouse starts everything. Both sites are served at localhost, where alone
// browsers allow passkeys over http. The context bounds the start alone.
func openHouse(ctx context.Context, binary, dir string) (_ *house, err error) {
	h := &house{}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if err := h.openMails(); err != nil {
		return nil, err
	}
	if h.open, err = newSite("Acme", "kratos", dir); err != nil {
		return nil, err
	}
	if h.invited, err = newSite("Acme Staff", "kratos_staff", dir); err != nil {
		return nil, err
	}
	h.invited.invitedOnly = true
	if err := h.openProvider(); err != nil {
		return nil, err
	}
	return h, h.openSites(ctx, binary)
}

func (h *house) openMails() (err error) {
	if h.mails, err = mailtest.New(); err != nil {
		return err
	}
	h.onClose(h.mails.Close)
	l, err := testneed.FreeListener()
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h.mails.Handler(), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	h.onClose(func() error {
		err := server.Close()
		<-ended
		return err
	})
	h.mailsURL = fmt.Sprintf("http://localhost:%d", l.Addr().(*net.TCPAddr).Port)
	return nil
}

func (h *house) openProvider() (err error) {
	h.provider, err = oidctest.New(oidctest.Config{
		ClientID: "kratos", ClientSecret: "the-demo-s-own-client-secret",
		RedirectURIs: []string{h.open.callback(), h.invited.callback()},
		People:       []oidctest.Person{{Name: "Ada Lovelace", Email: ada}, {Name: "Grace Hopper", Email: "grace@example.com"}},
	})
	if err == nil {
		h.onClose(h.provider.Close)
	}
	return err
}

// openSites starts both at the same time: a Kratos takes a while to begin.
func (h *house) openSites(ctx context.Context, binary string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	sites := []*site{h.open, h.invited}
	errs := make([]error, len(sites))
	var starts sync.WaitGroup
	for i, s := range sites {
		starts.Go(func() {
			if errs[i] = s.start(ctx, h, binary); errs[i] != nil {
				cancel()
			}
		})
	}
	starts.Wait()
	return errors.Join(errs...)
}

func (h *house) onClose(f func() error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closers = append(h.closers, f)
}

// close ends what was opened, the last first.
func (h *house) close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []error
	for _, f := range slices.Backward(h.closers) {
		all = append(all, f())
	}
	h.closers = nil
	return errors.Join(all...)
}
