package middleware

import "context"

// then returns a hook that calls first, if there is one, and then f.
func then[E any](first, f func(context.Context, E)) func(context.Context, E) {
	if first == nil {
		return f
	}
	return func(ctx context.Context, e E) {
		first(ctx, e)
		f(ctx, e)
	}
}
