package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quayside-go/quayside/middleware"
)

func TestRecordFree(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(5_000_500)
	for _, test := range []struct {
		status   middleware.Status
		s, milli int64
		want     bool
	}{
		{middleware.Completed, 5000, 0, false},
		{middleware.Completed, 4999, 0, true},
		{middleware.Completed, 5000, 1, false}, // left over from the claim
		{middleware.InProgress, 5000, 5_000_500, false},
		{middleware.InProgress, 5000, 5_000_499, true},
		{middleware.InProgress, 5000, 0, false},
		{middleware.InProgress, 4999, 5_000_500, true},
	} {
		r := middleware.Record{Status: test.status, Expiration: test.s, InProgressExpiration: test.milli}
		if got := r.Free(now); got != test.want {
			t.Errorf("%+v is free: %v, want %v", r, got, test.want)
		}
	}
}

// The store does what a map would do, with all sorts of claims.
func TestMemoryStoreAgainstMap(t *testing.T) {
	bubble(t, func(t *testing.T) {
		seed := rand.Uint64()
		rnd := rand.New(rand.NewPCG(seed, 0))
		s, model := middleware.NewMemoryStore(), map[string]middleware.Record{}
		for step := range 20_000 {
			time.Sleep(time.Duration(rnd.IntN(300)) * time.Millisecond)
			now := time.Now()
			r := middleware.Record{
				ID: fmt.Sprint(rnd.IntN(20)), Owner: fmt.Sprint(rnd.IntN(3)), Status: middleware.InProgress,
				Expiration: now.Unix() + rnd.Int64N(10), InProgressExpiration: now.UnixMilli() + rnd.Int64N(5000),
			}
			old, there := model[r.ID]
			ours := there && old.Status == middleware.InProgress && old.Owner == r.Owner
			var got middleware.Record
			var err, wrong error
			switch op := rnd.IntN(4); op {
			case 0:
				want := r
				if there && !old.Free(now) {
					want = old
				} else {
					model[r.ID] = r
				}
				if got, err = s.Claim(t.Context(), r); got != want || err != nil {
					wrong = fmt.Errorf("Claim = %+v, %v; want %+v", got, err, want)
				}
			case 1, 2:
				if r.Status = middleware.InProgress; op == 2 {
					r.Status, r.InProgressExpiration = middleware.Completed, 0
				}
				if err = s.Update(t.Context(), r); err == nil && ours {
					model[r.ID] = r
				}
			case 3:
				if err = s.Release(t.Context(), r); err == nil && ours {
					delete(model, r.ID)
				}
			}
			// What is free may be gone.
			if err != nil && !(errors.Is(err, middleware.ErrClaimLost) && (!ours || old.Free(now))) {
				wrong = fmt.Errorf("%v, with %+v there", err, old)
			}
			if err == nil && got.ID == "" && !ours {
				wrong = errors.New("no error without a claim")
			}
			if err != nil && ours {
				delete(model, r.ID)
			}
			if wrong != nil {
				t.Fatalf("seed %d, step %d: %+v: %v", seed, step, r, wrong)
			}
			if n := s.Len(); n > 20 {
				t.Fatalf("seed %d, step %d: %d records of 20 keys", seed, step, n)
			}
		}
	})
}

func TestMemoryStoreBounded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := middleware.NewMemoryStore(func(o *middleware.MemoryStoreOptions) { o.MaxRecords = 3 })
		ctx := t.Context()
		claim := func(id string, keep time.Duration) middleware.Record {
			return middleware.Record{ID: id, Owner: "o", Status: middleware.InProgress, Expiration: time.Now().Add(keep).Unix()}
		}
		done := func(id string, keep time.Duration) {
			t.Helper()
			r := claim(id, keep)
			if held, err := s.Claim(ctx, r); held != r || err != nil {
				t.Errorf("Claim(%s) = %+v, %v", id, held, err)
			}
			r.Status = middleware.Completed
			if err := s.Update(ctx, r); err != nil {
				t.Errorf("Update(%s) = %v", id, err)
			}
		}
		knows := func(id string) bool {
			held, err := s.Claim(ctx, claim(id, -time.Second))
			return err == nil && held.Status == middleware.Completed
		}
		done("a", 3*time.Hour)
		done("b", time.Hour)
		done("c", 2*time.Hour)
		done("d", 4*time.Hour) // b would expire first
		if s.Len() != 3 || !knows("a") || !knows("c") || !knows("d") {
			t.Errorf("the store has %d records, not a, c and d", s.Len())
		}
		pass(3*time.Hour + time.Second)
		done("e", time.Hour)
		if n := s.Len(); n != 2 {
			t.Errorf("%d records, want d and e: what has expired is removed", n)
		}

		for _, id := range []string{"f", "g", "h"} { // claims take the place of what is done
			if _, err := s.Claim(ctx, claim(id, time.Minute)); err != nil {
				t.Errorf("Claim(%s) = %v", id, err)
			}
		}
		if _, err := s.Claim(ctx, claim("i", time.Minute)); !errors.Is(err, middleware.ErrStoreFull) {
			t.Errorf("Claim = %v in a store full of claims, want ErrStoreFull", err)
		}
		pass(time.Minute + time.Second)
		if _, err := s.Claim(ctx, claim("i", time.Minute)); err != nil || s.Len() != 1 {
			t.Errorf("Claim = %v, %d records, when the others have run out; want nil and 1", err, s.Len())
		}
	})
}

// Much that expires at once does not hold others up: it is removed by and by, and does
// not count meanwhile.
func TestMemoryStorePrunesByAndBy(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := middleware.NewMemoryStore()
		r := middleware.Record{Owner: "o", Status: middleware.InProgress}
		for i := range 1000 {
			r.ID, r.Expiration = fmt.Sprint(i), time.Now().Unix()+int64(i)
			if _, err := s.Claim(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		pass(time.Hour)
		r.ID, r.Owner, r.Expiration = "999", "other", time.Now().Add(time.Minute).Unix()
		held, err := s.Claim(t.Context(), r)
		if n := s.Len(); held != r || err != nil || n < 800 || n > 901 {
			t.Errorf("Claim = %+v, %v with %d records left, want the claim and about 900", held, err, n)
		}
	})
}

func TestMemoryStoreCancelled(t *testing.T) {
	t.Parallel()
	s := middleware.NewMemoryStore()
	r := middleware.Record{ID: "a", Owner: "o", Status: middleware.InProgress, Expiration: 1 << 40}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Claim(ctx, r); !errors.Is(err, context.Canceled) || s.Len() != 0 {
		t.Errorf("Claim = %v, %d records; want Canceled and none", err, s.Len())
	}
	if _, err := s.Claim(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Update(ctx, r), s.Release(ctx, r)); !errors.Is(err, context.Canceled) || s.Len() != 1 {
		t.Errorf("Update and Release = %v, %d records; want Canceled and one", err, s.Len())
	}
}

// Of all who claim a key at once, one gets it.
func TestMemoryStoreConcurrently(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := middleware.NewMemoryStore(func(o *middleware.MemoryStoreOptions) { o.MaxRecords = 200 })
		won := make(chan string, 1000)
		for i := range 1000 {
			go func() {
				r := middleware.Record{ID: fmt.Sprint(i % 100), Owner: fmt.Sprint(i), Status: middleware.InProgress, Expiration: 1 << 40}
				if held, err := s.Claim(t.Context(), r); err != nil || held.Owner != r.Owner {
					return
				}
				won <- r.ID
				r.Status = middleware.Completed
				if err := s.Update(t.Context(), r); err != nil {
					t.Errorf("Update = %v", err)
				}
			}()
		}
		synctest.Wait()
		if len(won) != 100 {
			t.Errorf("%d claims of 100 keys", len(won))
		}
	})
}
