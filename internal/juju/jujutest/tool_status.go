package jujutest

import "errors"

type statusGet struct {
	out               output
	data, application bool
}

func (t *statusGet) flags(f *flagSet) {
	t.out.flags(f, "smart", "yaml", "json")
	f.bool(&t.data, "include-data")
	f.bool(&t.application, "application")
}

func (t *statusGet) init(args []string) error { return none(args) }

func (t *statusGet) run(w *world, st *State) error {
	switch {
	case t.application && !st.Leader:
		return errors.New("finding application status: " + errNotLeader.Error())
	case t.application:
		units := map[string]any{}
		for _, m := range st.members() {
			units[m.Unit] = m.Status.data()
		}
		shown := st.ApplicationStatus.data()
		shown["units"] = units
		return t.out.write(w, map[string]any{"application-status": shown})
	case t.data:
		return t.out.write(w, st.Status.data())
	case t.out.format == "smart":
		return t.out.write(w, st.Status.name())
	}
	return t.out.write(w, map[string]string{"status": st.Status.name()})
}

// name gives the status in a word; nobody having set one is a status too.
func (s Status) name() string {
	if s.Status == "" {
		return "unknown"
	}
	return s.Status
}

func (s Status) data() map[string]any {
	return map[string]any{"status": s.name(), "message": s.Message, "status-data": map[string]any{}}
}

type versionSet struct{ version string }

func (t *versionSet) flags(*flagSet) {}

func (t *versionSet) init(args []string) error {
	if len(args) == 0 {
		return usagef("no version specified")
	}
	t.version = args[0]
	return none(args[1:])
}

func (t *versionSet) run(_ *world, st *State) error {
	st.Version = t.version
	return nil
}
