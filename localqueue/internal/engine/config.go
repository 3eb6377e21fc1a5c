package engine

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"time"
	"unicode/utf8"
)

// Config is the settable attributes of a queue.
type Config struct {
	FIFO               bool
	ContentDedup       bool
	GroupScope         bool // DeduplicationScope is messageGroup
	PerGroupThroughput bool // FifoThroughputLimit is perMessageGroupId

	Delay, Retention, Wait, Visibility time.Duration
	MaxSize                            int // bytes of a message

	ManagedSSE bool
	KMSKey     string        // "" when unset
	KMSReuse   time.Duration // in force, and shown, only with a key

	Policy, RedriveAllowPolicy string   // as given; "" when unset
	Redrive                    *Redrive // nil when unset; never changed in place
}

// Redrive is a RedrivePolicy: after Max receives a message moves to Target.
type Redrive struct {
	Target Name
	Max    int
}

func newConfig(fifo bool) Config {
	return Config{
		FIFO:       fifo,
		Retention:  4 * 24 * time.Hour,
		Visibility: 30 * time.Second,
		MaxSize:    1 << 20,
		ManagedSSE: true,
		KMSReuse:   5 * time.Minute,
	}
}

// fifoWindow is how far into the backlog of a FIFO queue SQS looks for groups.
const fifoWindow = 120_000

// settings is what the messages of a queue need to know of c.
func (c *Config) settings(maxInFlight int) Settings {
	s := Settings{
		FIFO:        c.FIFO,
		Delay:       c.Delay,
		Retention:   c.Retention,
		MaxInFlight: maxInFlight,
		GroupScope:  c.GroupScope,
	}
	if c.FIFO {
		s.Window = fifoWindow
	}
	if c.Redrive != nil {
		s.MaxReceives = uint32(c.Redrive.Max)
	}
	return s
}

// check refuses combinations, whichever request led to them.
func (c *Config) check() error {
	if c.PerGroupThroughput && !c.GroupScope {
		return Errorf(CodeInvalidAttributeValue, "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup")
	}
	return nil
}

// apply puts attributes into c, in the order of their names, so that the same
// request always meets the same refusal. After an error c is worthless.
func (c *Config) apply(attributes map[string]string) error {
	names := slices.Sorted(maps.Keys(attributes))
	for _, name := range names {
		if err := c.admits(name); err != nil {
			return err
		}
	}
	for _, name := range names {
		if !utf8.ValidString(attributes[name]) {
			return invalidValue(name)
		}
		if err := attributeNamed(name).set(c, attributes[name]); err != nil {
			return err
		}
	}
	// By the order of names, SqsManagedSseEnabled had the last word.
	if attributes[attrKMSKey] != "" && c.ManagedSSE {
		return Errorf(CodeInvalidAttributeName, "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.")
	}
	return nil
}

// admits refuses attributes that cannot be set on a queue of this type.
func (c *Config) admits(name string) error {
	a := attributeNamed(name)
	switch {
	case a == nil:
		return unknownAttribute(name)
	case c.FIFO || !a.fifo:
		return nil
	case name == attrFifoQueue || name == attrContentDedup:
		return unknownAttribute(name)
	}
	return Errorf(CodeInvalidAttributeName, "You can specify the %s only when FifoQueue is set to true.", name)
}

// differs tells the first attribute of a request, applied to c, that has
// another value in current.
func (c *Config) differs(current *Config, attributes map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributeNamed(name)
		asked, has := a.text(c), a.text(current)
		if asked == has || (name == attrPolicy || name == attrRedriveAllow) && sameJSON(asked, has) {
			continue
		}
		return Errorf(CodeQueueNameExists, "A queue already exists with the same name and a different value for attribute %s", name)
	}
	return nil
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}
