package cli

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, b := withBudget(t.Context(), 10*time.Second)
		defer b.stop()
		time.Sleep(9 * time.Second)
		resume := b.pause()
		if _, bounded := ctx.Deadline(); bounded {
			t.Error("there is a deadline while the clock stands")
		}
		time.Sleep(time.Hour)
		if ctx.Err() != nil {
			t.Fatal("the clock runs while it stands")
		}
		resume()
		below, cancel := context.WithCancel(ctx)
		defer cancel()
		time.Sleep(999 * time.Millisecond)
		synctest.Wait()
		if ctx.Err() != nil {
			t.Fatal("the time was over early")
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) || !errors.Is(below.Err(), context.DeadlineExceeded) {
			t.Errorf("got %v and below it %v", ctx.Err(), below.Err())
		}
	})
}

func TestBudgetEndsWithItsParent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		parent, cancel := context.WithCancel(t.Context())
		ctx, b := withBudget(parent, time.Hour)
		defer b.stop()
		resume := b.pause()
		cancel()
		<-ctx.Done()
		resume()
		if !errors.Is(ctx.Err(), context.Canceled) {
			t.Errorf("got %v", ctx.Err())
		}
	})
}
