package page

import "slices"

// arrange shows the first form that wants input, folds the others away behind
// what their button says, and sets those apart that are buttons only.
func (b builder) arrange(all []*section) []*section {
	var asking, bare, back []*section
	for _, s := range all {
		switch {
		case slices.ContainsFunc(s.Parts, part.asks):
			asking = append(asking, s)
		case s.leadsBack() || s.startsItself() && len(s.Buttons) == 0:
			back = append(back, s)
		default:
			bare = append(bare, s)
		}
	}
	for i, s := range asking {
		if i > 0 {
			s.fold()
		}
	}
	if len(asking) > 0 {
		asking[0].focus()
	}
	if len(asking) > 0 && len(bare) > 0 {
		bare[0].Divider = b.text("or")
	}
	for i, s := range bare {
		if len(asking) > 0 || i > 0 {
			s.demote()
		}
	}
	return slices.Concat(asking, bare, back)
}

// leadsBack tells whether the form is the way to the step before.
func (s *section) leadsBack() bool {
	return len(s.Parts) == 0 && len(s.Buttons) == 1 && s.Buttons[0].Name == "screen"
}

// fold puts a form behind what its button says. It is open where it was sent and
// refused.
func (s *section) fold() {
	s.Folded, s.Open = true, s.invalid
	if len(s.Buttons) > 0 {
		s.Heading = s.Buttons[0].Label
	}
}

// demote makes the main button one of several.
func (s *section) demote() {
	for i := range s.Buttons {
		if s.Buttons[i].Class == "primary" {
			s.Buttons[i].Class = ""
		}
	}
}
