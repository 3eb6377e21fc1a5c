package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
)

func Example() {
	if err := show(context.Background(), os.Stdout, false); err != nil {
		fmt.Println(err)
	}
	// Output:
	// checkout
	//   create orders   (linked: ack orders, receive orders, send orders)
	//     process orders
	//       create parcels   (linked: ack parcels, receive parcels, send parcels)
	//         process parcels
	//           print label
}

// With -json it prints the spans one by one.
func TestJSON(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := show(t.Context(), &out, true); err != nil {
		t.Fatal(err)
	}
	n := 0
	for d := json.NewDecoder(&out); ; n++ {
		var s struct{ Name string }
		if err := d.Decode(&s); errors.Is(err, io.EOF) {
			break
		} else if err != nil || s.Name == "" {
			t.Fatalf("span %d is %+v, %v", n, s, err)
		}
	}
	if n != 12 {
		t.Errorf("printed %d spans, want 12", n)
	}
}
