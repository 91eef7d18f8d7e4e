package jujutest

import "fmt"

type networkGet struct {
	relationFlag
	out                   output
	bind, ingress, egress bool
	binding               string
}

func (t *networkGet) flags(f *flagSet) {
	t.relationFlag.flags(f)
	t.out.flags(f, "smart", "yaml", "json")
	f.bool(&t.bind, "bind-address")
	f.bool(&t.ingress, "ingress-address")
	f.bool(&t.egress, "egress-subnets")
}

func (t *networkGet) init(args []string) error {
	if len(args) == 0 {
		return usagef("no arguments specified")
	}
	if t.binding = args[0]; t.binding == "" {
		return usagef("no binding name specified")
	}
	return none(args[1:])
}

func (t *networkGet) run(w *world, st *State) error {
	s, err := w.store()
	if err != nil {
		return err
	}
	m, err := s.metadata()
	if err != nil {
		return err
	}
	address := st.address()
	switch _, declared := m.endpoints[t.binding]; {
	case !declared && t.binding != "juju-info":
		return fmt.Errorf("binding name %q not defined by the unit's charm", t.binding)
	case address == "":
		return fmt.Errorf("no network config found for binding %q", t.binding)
	}
	return t.out.write(w, t.chosen(address))
}

// chosen gives what was asked for: one value, or several by name, or all.
func (t *networkGet) chosen(address string) any {
	subnets := []string{address + "/32"}
	some := map[string]any{}
	if t.bind {
		some["bind-address"] = address
	}
	if t.ingress {
		some["ingress-address"] = address
	}
	if t.egress {
		some["egress-subnets"] = subnets
	}
	switch len(some) {
	case 0:
		device := map[string]any{
			"mac-address": "", "interface-name": "",
			"addresses": []any{map[string]string{"hostname": "", "value": address, "cidr": ""}},
		}
		return map[string]any{
			"bind-addresses": []any{device}, "egress-subnets": subnets, "ingress-addresses": []string{address},
		}
	case 1:
		for _, only := range some {
			return only
		}
	}
	return some
}
