package sqsevent

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Failures reads which messages of an event a function's response says have failed, ids being
// those of the event. An error means that all have: the response is not an object of JSON, or
// does not say so in a way that Lambda understands. AWS documents as complete success an
// empty list, a null one, an empty response, a null one and an empty string; names count in
// their exact spelling.
func Failures(response []byte, ids []string) (failed map[string]bool, err error) {
	response = bytes.TrimSpace(response)
	if len(response) == 0 || bytes.Equal(response, []byte(`""`)) {
		return nil, nil
	}
	var object map[string]json.RawMessage // names are compared as they are, which structs do not
	if err := json.Unmarshal(response, &object); err != nil {
		return nil, fmt.Errorf("the response is not an object of JSON: %s", excerpt(response))
	}
	var items []map[string]json.RawMessage
	if list := object["batchItemFailures"]; list != nil && json.Unmarshal(list, &items) != nil {
		return nil, fmt.Errorf("batchItemFailures in the response is not a list of objects: %s", excerpt(list))
	}
	failed = make(map[string]bool, len(items))
	for _, item := range items {
		id, err := identifier(item)
		if err != nil {
			return nil, err
		}
		failed[id] = true
	}
	known := make(map[string]bool, len(ids))
	for _, id := range ids {
		known[id] = true
	}
	for id := range failed {
		if !known[id] {
			return nil, fmt.Errorf("batchItemFailures in the response has an itemIdentifier that is no messageId of the batch: %s", excerpt([]byte(id)))
		}
	}
	return failed, nil
}

// identifier reads the itemIdentifier of an item.
func identifier(item map[string]json.RawMessage) (string, error) {
	raw, ok := item["itemIdentifier"]
	var id string
	switch {
	case !ok:
		return "", errors.New("batchItemFailures in the response has an item without itemIdentifier")
	case json.Unmarshal(raw, &id) != nil || id == "":
		return "", fmt.Errorf("batchItemFailures in the response has an itemIdentifier that is no messageId: %s", excerpt(raw))
	}
	return id, nil
}

// excerpt is the beginning of what a function has sent.
func excerpt(b []byte) string {
	const most = 100
	if len(b) > most {
		return fmt.Sprintf("%q...", b[:most])
	}
	return fmt.Sprintf("%q", b)
}
