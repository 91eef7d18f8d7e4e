package cli

import (
	"context"
	"sync"
	"time"
)

// budget is a context with a deadline that can be put off: the time for which a
// person is asked is not the action's.
type budget struct {
	context.Context
	done chan struct{}

	mu       sync.Mutex
	err      error
	deadline time.Time
	timer    *time.Timer
	detach   func() bool
}

func withBudget(parent context.Context, d time.Duration) (context.Context, *budget) {
	b := &budget{Context: parent, done: make(chan struct{}), deadline: time.Now().Add(d)}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timer = time.AfterFunc(d, func() { b.end(context.DeadlineExceeded) })
	b.detach = context.AfterFunc(parent, func() { b.end(parent.Err()) })
	return b, b
}

func (b *budget) end(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = err
		close(b.done)
	}
}

// stop ends the context for good.
func (b *budget) stop() {
	b.timer.Stop()
	b.detach()
	b.end(context.Canceled)
}

// pause stops the clock until the function that it returns is called.
func (b *budget) pause() (resume func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timer.Stop()
	left := time.Until(b.deadline)
	b.deadline = time.Time{}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.deadline = time.Now().Add(left)
		b.timer.Reset(left)
	}
}

// Deadline gives the time by which the action must end, or none while the clock
// stands.
func (b *budget) Deadline() (time.Time, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.deadline, !b.deadline.IsZero()
}

// Done is closed when the time is over or the parent ends.
func (b *budget) Done() <-chan struct{} { return b.done }

// Err tells why the context ended.
func (b *budget) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}
