package engine

import (
	"strconv"
	"strings"
	"time"
)

// How attributes are read from their texts.

func invalidValue(name string) *Error {
	return Errorf(CodeInvalidAttributeValue, "Invalid value for the parameter %s.", name)
}

// number reads a decimal number as SQS does: digits alone, no leading zero.
func number(text string, low, high int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && text == strconv.Itoa(n) && low <= n && n <= high
}

func truth(text string) (value, ok bool) {
	value = strings.EqualFold(text, "true")
	return value, value || strings.EqualFold(text, "false")
}

func seconds(name string, low, high int, field func(*Config) *time.Duration) attribute {
	return attribute{
		name: name,
		set: func(c *Config, text string) error {
			n, ok := number(text, low, high)
			if !ok {
				return invalidValue(name)
			}
			*field(c) = time.Duration(n) * time.Second
			return nil
		},
		text: func(c *Config) string { return strconv.Itoa(int(*field(c) / time.Second)) },
	}
}

// choice is an attribute of FIFO queues with two values.
func choice(name, off, on string, field func(*Config) *bool) attribute {
	return attribute{
		name: name,
		fifo: true,
		set: func(c *Config, text string) error {
			if text != off && text != on {
				return invalidValue(name)
			}
			*field(c) = text == on
			return nil
		},
		text: func(c *Config) string {
			if *field(c) {
				return on
			}
			return off
		},
	}
}

func setContentDedup(c *Config, text string) error {
	value, ok := truth(text)
	if !ok {
		return invalidValue(attrContentDedup)
	}
	c.ContentDedup = value
	return nil
}

func setFIFO(_ *Config, text string) error {
	value, ok := truth(text)
	if !ok {
		return invalidValue(attrFifoQueue)
	}
	if !value {
		return Errorf(CodeInvalidAttributeValue, "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.")
	}
	return nil
}

func setMaxSize(c *Config, text string) error {
	n, ok := number(text, 1024, 1<<20)
	if !ok {
		return invalidValue("MaximumMessageSize")
	}
	c.MaxSize = n
	return nil
}

// A queue has one type of encryption at most: setting one ends the other, and
// clearing one starts none.
func setKMSKey(c *Config, text string) error {
	c.KMSKey = text
	if text != "" {
		c.ManagedSSE = false
	}
	return nil
}

func setManagedSSE(c *Config, text string) error {
	value, ok := truth(text)
	if !ok {
		return invalidValue(attrManagedSSE)
	}
	c.ManagedSSE = value
	if value {
		c.KMSKey = ""
	}
	return nil
}
