package offlambda

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// outcomes returns what a function's response means for the messages of its event, which have
// these identifiers.
func outcomes(response []byte, ids []string) []error {
	failed, err := failures(response)
	if err != nil {
		return all(len(ids), fmt.Errorf("offlambda: the function's response: %w", err))
	}
	errs := make([]error, len(ids))
	for _, name := range failed {
		known := false
		for i, id := range ids {
			if id == name {
				errs[i], known = ErrReported, true
			}
		}
		if !known {
			return all(len(ids), fmt.Errorf("offlambda: the function's response: itemIdentifier %q is not that of a message in the event", name))
		}
	}
	return errs
}

// failures returns the identifiers in a response. Keys count in their exact spelling, as with
// Lambda, and not as encoding/json takes them for fields.
func failures(response []byte) (ids []string, err error) {
	response = bytes.TrimSpace(response)
	if len(response) == 0 {
		return nil, nil
	}
	if !json.Valid(response) {
		return nil, errors.New("it is not JSON")
	}
	var answer map[string]json.RawMessage
	if response[0] != '{' || json.Unmarshal(response, &answer) != nil {
		return nil, nil // something else than a report
	}
	list := answer["batchItemFailures"]
	if list == nil {
		return nil, nil
	}
	var items []map[string]json.RawMessage
	if err := json.Unmarshal(list, &items); err != nil {
		return nil, errors.New("batchItemFailures is not a list of objects")
	}
	for _, item := range items {
		var id *string
		if json.Unmarshal(item["itemIdentifier"], &id) != nil || id == nil || *id == "" {
			return nil, errors.New("an item of batchItemFailures has no itemIdentifier")
		}
		ids = append(ids, *id)
	}
	return ids, nil
}
