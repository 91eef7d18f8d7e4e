package selfservice

// TakeForKratos makes a server take what answers for Kratos, as if a Check had
// succeeded: doubles that fail, or that stand for one path, answer none.
func (s *Server) TakeForKratos() {
	s.relation.Store(&Relation{Kind: SameOrigin, Public: s.o.PublicURL, Kratos: s.o.PublicURL})
}

// Remembered is the cookie of a person who is held on the way to the address, as
// a browser sends it.
func (s *Server) Remembered(next string) string {
	c := s.nextCookie(next)
	return c.Name + "=" + c.Value
}
