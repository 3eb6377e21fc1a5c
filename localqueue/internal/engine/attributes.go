package engine

import (
	"slices"
	"strconv"
	"time"
)

// The attributes that are named outside of the tables below.
const (
	attrAll           = "All"
	attrContentDedup  = "ContentBasedDeduplication"
	attrFifoQueue     = "FifoQueue"
	attrKMSKey        = "KmsMasterKeyId"
	attrKMSReuse      = "KmsDataKeyReusePeriodSeconds"
	attrManagedSSE    = "SqsManagedSseEnabled"
	attrPolicy        = "Policy"
	attrRedriveAllow  = "RedriveAllowPolicy"
	attrRedrivePolicy = "RedrivePolicy"
)

// attribute is one that a request may set. The text of one that is unset is "".
type attribute struct {
	name string
	fifo bool // FIFO queues only
	set  func(c *Config, text string) error
	text func(c *Config) string
}

// settable has every attribute that a request may set.
var settable = []attribute{
	{attrContentDedup, true, setContentDedup, func(c *Config) string { return strconv.FormatBool(c.ContentDedup) }},
	choice("DeduplicationScope", "queue", "messageGroup", func(c *Config) *bool { return &c.GroupScope }),
	seconds("DelaySeconds", 0, 900, func(c *Config) *time.Duration { return &c.Delay }),
	{attrFifoQueue, true, setFIFO, func(c *Config) string { return strconv.FormatBool(c.FIFO) }},
	choice("FifoThroughputLimit", "perQueue", "perMessageGroupId", func(c *Config) *bool { return &c.PerGroupThroughput }),
	seconds(attrKMSReuse, 60, 86400, func(c *Config) *time.Duration { return &c.KMSReuse }),
	{attrKMSKey, false, setKMSKey, func(c *Config) string { return c.KMSKey }},
	{"MaximumMessageSize", false, setMaxSize, func(c *Config) string { return strconv.Itoa(c.MaxSize) }},
	seconds("MessageRetentionPeriod", 60, 1209600, func(c *Config) *time.Duration { return &c.Retention }),
	{attrPolicy, false, setPolicy, func(c *Config) string { return c.Policy }},
	seconds("ReceiveMessageWaitTimeSeconds", 0, 20, func(c *Config) *time.Duration { return &c.Wait }),
	{attrRedriveAllow, false, setRedriveAllow, func(c *Config) string { return c.RedriveAllowPolicy }},
	{attrRedrivePolicy, false, setRedrive, func(c *Config) string { return c.Redrive.text() }},
	{attrManagedSSE, false, setManagedSSE, func(c *Config) string { return strconv.FormatBool(c.ManagedSSE) }},
	seconds("VisibilityTimeout", 0, int(MaxVisibility/time.Second), func(c *Config) *time.Duration { return &c.Visibility }),
}

// readOnly has the others; n counts the messages.
var readOnly = []struct {
	name string
	text func(q *Queue, n Counts) string
}{
	{"ApproximateNumberOfMessages", func(_ *Queue, n Counts) string { return strconv.Itoa(n.Visible) }},
	{"ApproximateNumberOfMessagesDelayed", func(_ *Queue, n Counts) string { return strconv.Itoa(n.Delayed) }},
	{"ApproximateNumberOfMessagesNotVisible", func(_ *Queue, n Counts) string { return strconv.Itoa(n.InFlight) }},
	{"CreatedTimestamp", func(q *Queue, _ Counts) string { return timestamp(q.Created) }},
	{"LastModifiedTimestamp", func(q *Queue, _ Counts) string { return timestamp(q.Modified) }},
	{"QueueArn", func(q *Queue, _ Counts) string { return q.Name.ARN() }},
}

func timestamp(t Time) string { return strconv.FormatInt(t/int64(time.Second), 10) }

func unknownAttribute(name string) *Error {
	return Errorf(CodeInvalidAttributeName, "Unknown Attribute %s.", name)
}

func attributeNamed(name string) *attribute {
	if i := slices.IndexFunc(settable, func(a attribute) bool { return a.name == name }); i >= 0 {
		return &settable[i]
	}
	return nil
}

// SetAttributes changes the attributes given, all or none.
func (e *Engine) SetAttributes(now Time, q *Queue, attributes map[string]string) error {
	if len(attributes) == 0 {
		return Errorf(CodeMissingParameter, "The request must contain the parameter Attribute.Name.")
	}
	c := q.Config
	if err := c.apply(attributes); err != nil {
		return err
	}
	if err := e.check(q.Name, &c, attributes); err != nil {
		return err
	}
	e.configure(now, q, c)
	return nil
}

func (e *Engine) configure(now Time, q *Queue, c Config) {
	s, ours := q.Messages.(*store)
	if !ours {
		q.Config, q.Modified = c, max(q.Modified, now)
		q.Messages.Configure(now, c.settings(e.maxInFlight))
		return
	}
	s.advance(now) // a change of scope that is due takes effect
	scopeAt := s.scopeAt
	if e.change(now, q, func() {
		q.Config, q.Modified = c, max(q.Modified, now)
		s.configure(now, c.settings(e.maxInFlight))
	}) {
		s.advance(now) // nothing is gone for a shorter retention before that is written
		return
	}
	s.set.Retention = q.Config.Retention
	s.configure(now, q.Config.settings(e.maxInFlight))
	s.scopeAt = scopeAt
}

// Attributes returns those named, or every one for "All", as far as they are
// set; nil if none is.
func (e *Engine) Attributes(now Time, q *Queue, names []string) (map[string]string, error) {
	for _, name := range names {
		if err := q.shows(name); err != nil {
			return nil, err
		}
	}
	all := slices.Contains(names, attrAll)
	shown := make(map[string]string)
	for _, a := range settable {
		if text := a.shown(&q.Config); text != "" && (all || slices.Contains(names, a.name)) {
			shown[a.name] = text
		}
	}
	counts := q.Messages.Counts(now)
	for _, a := range readOnly {
		if all || slices.Contains(names, a.name) {
			shown[a.name] = a.text(q, counts)
		}
	}
	if len(shown) == 0 {
		return nil, nil
	}
	return shown, nil
}

// shown is the text of a on a queue with this configuration; "" hides it.
func (a *attribute) shown(c *Config) string {
	if a.fifo && !c.FIFO || a.name == attrKMSReuse && c.KMSKey == "" {
		return ""
	}
	return a.text(c)
}

// shows refuses names of no attribute. A standard queue does not know two of
// those that FIFO queues have.
func (q *Queue) shows(name string) error {
	known := name == attrAll || attributeNamed(name) != nil
	for _, a := range readOnly {
		known = known || a.name == name
	}
	if !known || !q.Config.FIFO && (name == attrFifoQueue || name == attrContentDedup) {
		return unknownAttribute(name)
	}
	return nil
}
