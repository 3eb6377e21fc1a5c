package foreign_test

import (
	"os"
	"testing"
)

// TestForeign runs every client against one server, which must then stop cleanly.
func TestForeign(t *testing.T) {
	t.Parallel()
	env := serve(t)
	var results table
	t.Cleanup(func() { results.log(t) }) // when the last client is done
	t.Run("go", func(t *testing.T) {
		t.Parallel()
		runGo(t, env, &results)
	})
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			required := os.Getenv("QUAYSIDE_FOREIGN") == "required"
			switch why := c.missing(); {
			case why != "" && required:
				t.Fatal(why)
			case why != "":
				t.Skip(why)
			case testing.Short() && !required:
				t.Skip("-short: the Go client alone")
			}
			c.run(t, env, &results)
		})
	}
}
